// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// A word, a text or a bracket of an Erlang term.
struct Token {
  enum class Kind : std::uint8_t { kEnd, kText, kWord, kOpen, kClose };
  Kind kind = Kind::kEnd;
  std::string_view text;
  std::uint32_t line = 0;
};

class TermTokens {
 public:
  explicit TermTokens(std::string_view text) : rest_(text) {}

  Token next() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') return {Token::Kind::kText, quoted(), line_};
      if (c == '{' || c == '[') return {Token::Kind::kOpen, taken(1), line_};
      if (c == '}' || c == ']') return {Token::Kind::kClose, taken(1), line_};
      if (const std::size_t size = word_size(); size > 0)
        return {Token::Kind::kWord, taken(size), line_};
      if (c == '%') {
        taken(std::min(rest_.find('\n'), rest_.size()));
        continue;
      }
      if (c == '\n') ++line_;
      taken(1);  // blanks, commas, the marks of a binary
    }
    return {};
  }

 private:
  std::string_view taken(std::size_t size) {
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(text.size());
    return text;
  }
  std::string_view quoted() {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    const std::string_view text = rest_.substr(1, std::min(end, rest_.size()) - 1);
    taken(end + 1);
    return text;
  }
  std::size_t word_size() const {
    std::size_t size = 0;
    while (size < rest_.size()) {
      const char c = rest_[size];
      const bool is_part = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-';
      if (!is_part) break;
      ++size;
    }
    return size;
  }

  std::string_view rest_;  // the caller's
  std::uint32_t line_ = 1;
};

// What the tuples of a rebar.lock say, each when it ends.
class RebarLock {
 public:
  RebarLock(std::string_view text, PackageReading& reading) : tokens_(text), reading_(reading) {}

  void read() {
    while (true) {
      const Token token = tokens_.next();
      if (token.kind == Token::Kind::kEnd) break;
      if (token.kind == Token::Kind::kOpen) {
        if (open_.size() == kDepthMax) return reading_.problem(token.line, "expected fewer levels");
        open_.push_back({token.line, {}, {}});
      } else if (token.kind == Token::Kind::kClose) {
        if (open_.empty()) return reading_.problem(token.line, "expected terms, found a bracket");
        close();
      } else if (!open_.empty() && open_.back().values.size() < kValuesMax) {
        open_.back().values.push_back(token.text);
      }
    }
    if (!open_.empty())
      reading_.problem(open_.front().line, "expected terms, found one that does not end");
    reading_.expect(is_lock_, 1, "a list of locked packages");
  }

 private:
  static constexpr std::size_t kDepthMax = 16;
  static constexpr std::size_t kValuesMax = 8;

  struct Term {
    std::uint32_t line = 0;
    std::vector<std::string_view> values;  // that stand in it
    std::vector<std::string_view> source;  // of a term in it: {pkg, …}, {git, …}
  };

  void close() {
    const Term term = std::move(open_.back());
    open_.pop_back();
    is_lock_ = true;
    if (term.values.size() == 2 && !term.source.empty() && is_number(term.values[1])) {
      take(term);
    } else if (term.values.size() == 2 && is_in_hashes()) {
      reading_.at(reading_.find(std::string(term.values[0]))).checksum =
          "sha256:" + lower(term.values[1]);
    } else if (!open_.empty() && term.values.size() >= 2 && open_.back().source.empty()) {
      open_.back().source = term.values;
    }
  }

  static bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  }

  // {pkg_hash, [{Name, Hash}, …]}
  bool is_in_hashes() const {
    return open_.size() >= 2 &&
           open_[open_.size() - 2].values == std::vector<std::string_view>{"pkg_hash"};
  }

  // {Name, {pkg, Name, Version}, Level}, of which level 0 is what the project asks for.
  void take(const Term& term) {
    const std::string_view kind = term.source[0];
    const bool is_package = kind == "pkg" && term.source.size() >= 3;
    const std::uint32_t index =
        reading_.add(is_package ? term.source[1] : term.values[0],
                     is_package ? term.source[2] : std::string_view(), term.line);
    if (!is_package) reading_.at(index).resolved = term.source[1];
    reading_.know(std::string(term.values[0]), index);
    if (term.values[1] == "0") reading_.ask(index, Scope::kProduction);
  }

  TermTokens tokens_;
  PackageReading& reading_;
  std::vector<Term> open_;
  bool is_lock_ = false;
};

}  // namespace

PackageList read_rebar_lock(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kHex);
  RebarLock(bytes, reading).read();
  return reading.take();
}

}  // namespace vedette::formats::packages
