// SPDX-License-Identifier: Apache-2.0
#include "formats/models/jinja.h"

#include <algorithm>
#include <optional>
#include <span>

namespace vedette::formats::models {
namespace {

using Kind = JinjaToken::Kind;
using Tokens = std::vector<JinjaToken>;

constexpr std::size_t kTextMax = 4096;  // of what is computed
constexpr std::size_t kPassesMax = 64;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hexadecimal(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Python's escapes; `at` is behind the backslash and moves behind the escape.
void append_escape(std::string_view text, std::size_t& at, std::string& out) {
  const char c = text[at];
  std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  std::uint32_t value = 0;
  if (digits != 0) {
    ++at;
    for (; digits > 0 && at < text.size() && hexadecimal(text[at]) >= 0; --digits)
      value = value << 4 | static_cast<std::uint32_t>(hexadecimal(text[at++]));
    if (value < 0x80)
      out += static_cast<char>(value);
    else
      out += '?';
    return;
  }
  if (c >= '0' && c <= '7') {
    for (digits = 3; digits > 0 && at < text.size() && text[at] >= '0' && text[at] <= '7'; --digits)
      value = value << 3 | static_cast<std::uint32_t>(text[at++] - '0');
    out += value < 0x80 ? static_cast<char>(value) : '?';
    return;
  }
  ++at;
  out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Tokens> read() {
    std::vector<Tokens> out;
    while (at_ < source_.size() && tokens_ < kJinjaTokensMax) {
      const std::size_t open = source_.find('{', at_);
      if (open == std::string_view::npos || open + 1 >= source_.size()) break;
      at_ = open + 2;
      const char kind = source_[open + 1];
      if (kind == '#') {
        at_ = std::min(source_.find("#}", at_), source_.size());
      } else if (kind == '{' || kind == '%') {
        out.push_back(tag(kind == '{' ? "}}" : "%}"));
        skip_raw(out.back());
      } else {
        at_ = open + 1;
      }
    }
    return out;
  }

 private:
  Tokens tag(std::string_view end) {
    Tokens out;
    while (at_ < source_.size() && tokens_ < kJinjaTokensMax) {
      const char c = source_[at_];
      if (source_.substr(at_).starts_with(end)) {
        // Braces of a table inside of a tag close first.
        if (braces_ == 0 || end == "%}") {
          at_ += 2;
          break;
        }
      }
      ++tokens_;
      if (c == '"' || c == '\'') {
        out.push_back({Kind::kText, text(c)});
      } else if (is_digit(c)) {
        out.push_back({Kind::kNumber, word()});
      } else if (is_name(c)) {
        out.push_back({Kind::kName, word()});
      } else {
        if (c == '{') ++braces_;
        if (c == '}' && braces_ > 0) --braces_;
        if (c > ' ') out.push_back({Kind::kSign, std::string(1, c)});
        ++at_;
      }
    }
    braces_ = 0;
    return out;
  }

  std::string word() {
    const std::size_t begin = at_;
    while (at_ < source_.size() && is_name(source_[at_])) ++at_;
    return std::string(source_.substr(begin, at_ - begin));
  }

  std::string text(char quote) {
    std::string out;
    for (++at_; at_ < source_.size() && source_[at_] != quote;) {
      if (source_[at_] == '\\' && at_ + 1 < source_.size()) {
        ++at_;
        append_escape(source_, at_, out);
      } else {
        out += source_[at_++];
      }
    }
    if (at_ < source_.size()) ++at_;
    return out;
  }

  void skip_raw(const Tokens& tag) {
    if (tag.size() > 2) return;
    const bool raw = std::ranges::any_of(
        tag, [](const JinjaToken& one) { return one.kind == Kind::kName && one.text == "raw"; });
    if (raw) at_ = std::min(source_.find("endraw", at_), source_.size());
  }

  std::string_view source_;  // the caller's
  std::size_t at_ = 0;
  std::size_t braces_ = 0;
  std::size_t tokens_ = 0;
};

bool is_sign(const JinjaToken& token, char sign) {
  return token.kind == Kind::kSign && token.text[0] == sign;
}
bool is_filter(const JinjaToken& token, std::string_view name) {
  return token.kind == Kind::kName && token.text == name;
}

// Python's "%s" alone.
std::string formatted(const std::string& format, std::span<const std::string> values) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size() && format[i + 1] == 's' && next < values.size()) {
      out += values[next++];
      ++i;
    } else if (format[i] == '{' && i + 1 < format.size() && format[i + 1] == '}' &&
               next < values.size()) {
      out += values[next++];
      ++i;
    } else {
      out += format[i];
    }
  }
  return out;
}

// Looks for one thing to compute at a place, and puts its value there.
class Folder {
 public:
  explicit Folder(Tokens& tag) : tag_(tag) {}

  void run() {
    for (std::size_t pass = 0; pass < kPassesMax; ++pass) {
      Tokens out;
      out.reserve(tag_.size());
      bool changed = false;
      for (at_ = 0; at_ < tag_.size();) {
        std::size_t used = 0;
        std::optional<std::string> value = fold(used);
        if (value && value->size() <= kTextMax) {
          out.push_back({Kind::kText, std::move(*value)});
          at_ += used;
          changed = true;
        } else {
          out.push_back(std::move(tag_[at_++]));
        }
      }
      tag_ = std::move(out);
      if (!changed) return;
    }
  }

 private:
  const JinjaToken* look(std::size_t ahead) const {
    return at_ + ahead < tag_.size() ? &tag_[at_ + ahead] : nullptr;
  }
  bool text_at(std::size_t ahead) const {
    return look(ahead) != nullptr && look(ahead)->kind == Kind::kText;
  }
  bool sign_at(std::size_t ahead, char sign) const {
    return look(ahead) != nullptr && is_sign(*look(ahead), sign);
  }

  // Texts between brackets that begin `ahead`; `used` is behind the closing one.
  std::optional<std::vector<std::string>> texts(std::size_t ahead, char close,
                                                std::size_t& used) const {
    std::vector<std::string> out;
    while (text_at(ahead)) {
      out.push_back(look(ahead)->text);
      ++ahead;
      if (sign_at(ahead, ',')) ++ahead;
    }
    if (!sign_at(ahead, close)) return std::nullopt;
    used = ahead + 1;
    return out;
  }

  std::optional<std::string> fold(std::size_t& used) const {
    if (sign_at(0, '(') && text_at(1) && sign_at(2, ')') && !is_call()) {
      used = 3;
      return look(1)->text;
    }
    if (sign_at(0, '[') || sign_at(0, '(')) return fold_list(used);
    if (!text_at(0)) return std::nullopt;
    const std::string& text = look(0)->text;
    if ((sign_at(1, '+') || sign_at(1, '~')) && text_at(2)) {
      used = 3;
      return text + look(2)->text;
    }
    // Python puts texts together that stand beside each other, and Jinja does so, too.
    if (text_at(1)) {
      used = 2;
      return text + look(1)->text;
    }
    if (sign_at(1, '%')) return fold_percent(text, used);
    if (sign_at(1, '[') && sign_at(2, ':') && sign_at(3, ':') && sign_at(4, '-') &&
        sign_at(6, ']')) {
      used = 7;
      return std::string(text.rbegin(), text.rend());
    }
    if ((sign_at(1, '|') || sign_at(1, '.')) && look(2) != nullptr) return fold_filter(text, used);
    return std::nullopt;
  }

  bool is_call() const {
    return at_ > 0 && (tag_[at_ - 1].kind == Kind::kName || is_sign(tag_[at_ - 1], ')'));
  }

  // ['a', 'b']|join('')
  std::optional<std::string> fold_list(std::size_t& used) const {
    std::size_t end = 0;
    const auto parts = texts(1, sign_at(0, '[') ? ']' : ')', end);
    if (!parts || parts->size() < 2 || !sign_at(end, '|') || look(end + 1) == nullptr ||
        !is_filter(*look(end + 1), "join"))
      return std::nullopt;
    std::string between;
    used = end + 2;
    if (sign_at(used, '(')) {
      std::size_t behind = 0;
      const auto arguments = texts(used + 1, ')', behind);
      if (!arguments) return std::nullopt;
      if (!arguments->empty()) between = arguments->front();
      used = behind;
    }
    std::string out;
    for (const std::string& part : *parts) (out += out.empty() ? "" : between) += part;
    return out;
  }

  std::optional<std::string> fold_percent(const std::string& text, std::size_t& used) const {
    if (text_at(2)) {
      used = 3;
      return formatted(text, std::vector{look(2)->text});
    }
    if (!sign_at(2, '(')) return std::nullopt;
    const auto values = texts(3, ')', used);
    if (!values) return std::nullopt;
    return formatted(text, *values);
  }

  // 'x'|reverse, 'x'.format('y'), 'x'|replace('a', 'b')
  std::optional<std::string> fold_filter(const std::string& text, std::size_t& used) const {
    const JinjaToken& filter = *look(2);
    std::vector<std::string> arguments;
    used = 3;
    if (sign_at(3, '(')) {
      const auto given = texts(4, ')', used);
      if (!given) return std::nullopt;
      arguments = *given;
    }
    if (is_filter(filter, "reverse")) return std::string(text.rbegin(), text.rend());
    if (is_filter(filter, "format")) return formatted(text, arguments);
    if (is_filter(filter, "join") || is_filter(filter, "string") || is_filter(filter, "trim") ||
        is_filter(filter, "strip") || is_filter(filter, "list") || is_filter(filter, "safe"))
      return text;
    if (is_filter(filter, "lower") || is_filter(filter, "upper")) {
      std::string out = text;
      const bool lower = filter.text == "lower";
      for (char& c : out) {
        if (lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (!lower && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      }
      return out;
    }
    if (is_filter(filter, "replace") && arguments.size() == 2 && !arguments[0].empty()) {
      std::string out;
      for (std::size_t i = 0; i < text.size();) {
        if (std::string_view(text).substr(i).starts_with(arguments[0])) {
          out += arguments[1];
          i += arguments[0].size();
        } else {
          out += text[i++];
        }
      }
      return out;
    }
    return std::nullopt;
  }

  Tokens& tag_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::vector<JinjaToken>> jinja_tags(std::string_view source) {
  return Lexer(source).read();
}

void fold_constants(std::vector<JinjaToken>& tag) { Folder(tag).run(); }

}  // namespace vedette::formats::models
