// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "base/unicode.h"
#include "formats/logs/json_index.h"
#include "formats/logs/json_scalar.h"
#include "formats/packages/tree.h"

namespace vedette::formats::packages {
namespace {

// Blanks comments and commas before closing brackets; every other byte keeps its place.
std::string relaxed_to_strict(std::string_view text) {
  std::string out(text);
  std::size_t comma = std::string::npos;  // the last one, when only blanks follow
  for (std::size_t at = 0; at < out.size();) {
    const char c = out[at];
    if (c == '"') {
      std::size_t end = at + 1;
      while (end < out.size() && out[end] != '"') end += out[end] == '\\' ? 2 : 1;
      at = std::min(end + 1, out.size());
      comma = std::string::npos;
    } else if (c == '/' && at + 1 < out.size() && (out[at + 1] == '/' || out[at + 1] == '*')) {
      const bool block = out[at + 1] == '*';
      const std::size_t found = block ? out.find("*/", at + 2) : out.find('\n', at);
      const std::size_t end = found == std::string::npos ? out.size() : found + (block ? 2 : 0);
      std::replace_if(
          out.begin() + static_cast<std::ptrdiff_t>(at),
          out.begin() + static_cast<std::ptrdiff_t>(end), [](char b) { return b != '\n'; }, ' ');
      at = end;
    } else {
      if ((c == ']' || c == '}') && comma != std::string::npos) out[comma] = ' ';
      if (c == ',') {
        comma = at;
      } else if (!logs::is_space(c)) {
        comma = std::string::npos;
      }
      ++at;
    }
  }
  return out;
}

std::uint32_t hex4(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = i < text.size() ? text[i] : 'x';
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return 0xFFFD;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

// RFC 8259 section 7; `text` has a backslash. What is no escape stands for itself.
std::string unescaped(std::string_view text) {
  constexpr std::string_view kNames = "bfnrt";
  constexpr std::string_view kValues = "\b\f\n\r\t";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c != 'u') {
      const std::size_t name = kNames.find(c);
      out += name == std::string_view::npos ? c : kValues[name];
      continue;
    }
    std::uint32_t code = hex4(text, i + 1);
    i = std::min(i + 4, text.size() - 1);
    if (code >= 0xD800 && code < 0xDC00 && text.substr(i + 1, 2) == "\\u") {
      const std::uint32_t low = hex4(text, i + 3);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        i = std::min(i + 6, text.size() - 1);
      }
    }
    append_utf8(code, out);
  }
  return out;
}

// Goes over the positions of the structure; the grammar is RFC 8259's.
class JsonWalk {
 public:
  JsonWalk(std::string_view text, std::span<const std::uint32_t> positions, JsonForm form,
           TreeBuilder& builder)
      : text_(text), positions_(positions), form_(form), builder_(builder) {}

  // Empty: all of it was JSON. Else what is wrong in line().
  std::string run() {
    bool value_expected = true;
    while (cursor_ < positions_.size()) {
      if (stack_.empty() && !value_expected) return "expected the end behind the value, found more";
      const char* wrong = value_expected ? value() : behind_value();
      if (builder_.full()) return {};
      if (wrong != nullptr) return wrong;
      value_expected = value_next_;
    }
    if (!stack_.empty()) return "expected a closing bracket, found the end";
    return value_expected ? "expected a value, found the end" : "";
  }
  std::uint32_t line() const { return line_; }

 private:
  std::size_t move() {
    const std::size_t at = positions_[cursor_++];
    line_ += static_cast<std::uint32_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                   text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted_ = at;
    return at;
  }
  char peek() const { return cursor_ < positions_.size() ? text_[positions_[cursor_]] : '\0'; }

  std::string_view string_at(std::size_t at) {
    std::size_t end = at + 1;
    bool escaped = false;
    while (end < text_.size() && text_[end] != '"') {
      escaped = escaped || text_[end] == '\\';
      end += text_[end] == '\\' ? 2 : 1;
    }
    const std::string_view raw = text_.substr(at + 1, std::min(end, text_.size()) - at - 1);
    if (!escaped) return raw;
    decoded_ = unescaped(raw);
    return decoded_;
  }

  // After '{' or ',' in a table: reads `"key" :`.
  const char* take_key() {
    if (peek() != '"') return "expected a key in quotes";
    key_ = string_at(move());
    key_line_ = line_;
    if (peek() != ':') return "expected a colon behind a key";
    move();
    return nullptr;
  }

  const char* value() {
    value_next_ = false;
    const std::size_t at = move();
    const char c = text_[at];
    const std::string_view key =
        stack_.empty() || stack_.back() == '[' ? "" : std::string_view(key_);
    const std::uint32_t key_line = key.empty() ? line_ : key_line_;
    if (c == '{' || c == '[') {
      if (!builder_.open(c == '{' ? NodeKind::kTable : NodeKind::kList, key, key_line, line_)) {
        return nullptr;
      }
      stack_ += c;
      if (peek() == (c == '{' ? '}' : ']')) return behind_value();
      value_next_ = true;
      return c == '{' ? take_key() : nullptr;
    }
    if (c == '"') {
      builder_.scalar(NodeKind::kText, key, key_line, string_at(at));
      return nullptr;
    }
    std::size_t end = cursor_ < positions_.size() ? positions_[cursor_] : text_.size();
    while (end > at && logs::is_space(text_[end - 1])) --end;
    const std::string_view text = text_.substr(at, end - at);
    const event::Kind kind = logs::scalar_kind(text);
    const bool is_number = kind == event::Kind::kNumber ||
                           (form_ == JsonForm::kPython &&
                            (text == "NaN" || text == "Infinity" || text == "-Infinity"));
    if (kind == event::Kind::kAbsent && !is_number) return "expected a value";
    builder_.scalar(is_number                       ? NodeKind::kNumber
                    : kind == event::Kind::kBoolean ? NodeKind::kBoolean
                                                    : NodeKind::kNone,
                    key, key_line, text);
    return nullptr;
  }

  const char* behind_value() {
    value_next_ = false;
    const char c = text_[move()];
    if (stack_.empty()) return "expected the end behind the value";
    const bool table = stack_.back() == '{';
    if (c == (table ? '}' : ']')) {
      builder_.close();
      stack_.pop_back();
      return nullptr;
    }
    if (c != ',') return "expected a comma or a closing bracket";
    value_next_ = true;
    return table ? take_key() : nullptr;
  }

  std::string_view text_;  // the caller's, as are the positions
  std::span<const std::uint32_t> positions_;
  JsonForm form_;
  TreeBuilder& builder_;
  std::size_t cursor_ = 0;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t key_line_ = 1;
  std::string key_;
  std::string decoded_;
  std::string stack_;  // of open brackets
  bool value_next_ = false;
};

}  // namespace

Tree read_json(std::string_view path, std::string_view text, const Limits& limits, JsonForm form) {
  Tree tree;
  const auto say = [&](std::uint32_t line, std::string message) {
    tree.problems.push_back(
        {DiagnosticKind::kError, {std::string(path), line, 0, 0}, std::move(message), ""});
  };
  TreeBuilder builder(limits);
  if (text.size() > limits.file_bytes_max) {
    tree.is_cut = true;
    say(0, fmt::format("expected at most {} bytes, found {}", limits.file_bytes_max, text.size()));
    return tree;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string strict;
  if (form == JsonForm::kRelaxed) {
    strict = relaxed_to_strict(text);
    text = strict;
  }
  logs::JsonIndex index;
  Result<void> indexed = index.build(text);
  if (!indexed) {
    // A string that does not end spoils the index of all; most often it is in the last line.
    const std::string_view shorter = text.substr(0, text.rfind('\n') + 1);
    say(0, indexed.error().message);
    if (!shorter.empty() && shorter.size() < text.size()) {
      text = shorter;
      indexed = index.build(text);
    }
  }
  if (indexed) {
    JsonWalk walk(text, index.positions(), form, builder);
    const std::string wrong = walk.run();
    if (!wrong.empty() && tree.problems.empty()) say(walk.line(), wrong);
  }
  tree.root = builder.finish();
  if (builder.full()) {
    tree.is_cut = true;
    say(0, fmt::format("expected at most {} values in {} levels, found more; the rest is not read",
                       limits.values_max, limits.depth_max));
  }
  tree.storage = builder.take_storage();
  return tree;
}

}  // namespace vedette::formats::packages
