// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// A text in quotes, a bracket, or what else stands between blanks.
struct Token {
  enum class Kind : std::uint8_t { kEnd, kText, kSign, kWord };
  Kind kind = Kind::kEnd;
  std::string_view text;
  std::uint32_t line = 0;
  bool is(std::string_view sign) const { return kind == Kind::kSign && text == sign; }
};

class OpamTokens {
 public:
  explicit OpamTokens(std::string_view text) : rest_(text) {}

  Token next() {
    skip();
    if (rest_.empty()) return {};
    const std::uint32_t line = line_;
    if (rest_.front() == '"') return {Token::Kind::kText, quoted(), line};
    constexpr std::string_view kSigns = "[](){}";
    if (kSigns.contains(rest_.front())) return {Token::Kind::kSign, taken(1), line};
    const std::size_t end = rest_.find_first_of(" \t\r\n\"[](){}#");
    return {Token::Kind::kWord, taken(std::max<std::size_t>(1, std::min(end, rest_.size()))), line};
  }

 private:
  std::string_view taken(std::size_t size) {
    const std::string_view text = rest_.substr(0, size);
    line_ += static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
    rest_.remove_prefix(text.size());
    return text;
  }
  void skip() {
    while (!rest_.empty()) {
      if (rest_.front() == '#') taken(std::min(rest_.find('\n'), rest_.size()));
      const std::size_t blanks = std::min(rest_.find_first_not_of(kBlanks), rest_.size());
      taken(blanks);
      if (rest_.empty() || rest_.front() != '#') return;
    }
  }
  // Three quotes hold texts with quotes in them.
  std::string_view quoted() {
    const std::string_view mark = rest_.starts_with("\"\"\"") ? "\"\"\"" : "\"";
    std::size_t end = mark.size();
    while (end < rest_.size() && !rest_.substr(end).starts_with(mark))
      end += rest_[end] == '\\' ? 2 : 1;
    end = std::min(end, rest_.size());
    const std::string_view text = taken(end).substr(mark.size());
    taken(mark.size());
    return text;
  }

  std::string_view rest_;  // the caller's
  std::uint32_t line_ = 1;
};

// A package of a list, with what stands in braces behind it.
struct Asked {
  std::string_view name;
  std::uint32_t line = 0;
  std::string condition;  // `>= "1.0" & < "2"`, without words that are no comparison
  bool is_exact = false;
  bool is_for_builds = false;
};

// `field: [ … ]`, from behind the colon.
std::vector<Asked> read_list(OpamTokens& tokens) {
  std::vector<Asked> list;
  std::size_t lists = 0;
  std::size_t braces = 0;
  std::string_view comparison;
  do {
    const Token token = tokens.next();
    if (token.kind == Token::Kind::kEnd) break;
    if (token.is("[")) ++lists;
    if (token.is("]") && lists > 0) --lists;
    if (token.is("{")) ++braces;
    if (token.is("}") && braces > 0) --braces;
    if (token.kind == Token::Kind::kText && braces == 0)
      list.push_back({token.text, token.line, {}, false, false});
    if (lists == 0 && braces == 0) break;  // a list may be a single text, too
    if (list.empty() || braces == 0) continue;
    Asked& last = list.back();
    if (token.kind == Token::Kind::kText) {
      if (!last.condition.empty()) last.condition += ", ";
      last.is_exact = last.condition.empty() && comparison == "=";
      last.condition +=
          (last.is_exact ? "" : std::string(comparison) + ' ') + std::string(token.text);
    } else if (token.kind == Token::Kind::kWord) {
      const bool is_comparison = token.text.find_first_not_of("<>=!") == std::string_view::npos;
      if (is_comparison) comparison = token.text;
      if (token.text == "with-test" || token.text == "with-doc" || token.text == "with-dev-setup" ||
          token.text == "build")
        last.is_for_builds = true;
    }
  } while (true);
  return list;
}

}  // namespace

PackageList read_opam(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kOpam);
  reading.list().complete = path.ends_with(".locked");
  reading.list().scopes_known = true;
  OpamTokens tokens(bytes);
  for (Token token = tokens.next(); token.kind != Token::Kind::kEnd; token = tokens.next()) {
    if (token.kind != Token::Kind::kWord || token.text != "depends:") continue;
    for (const Asked& one : read_list(tokens)) {
      const std::uint32_t index = reading.add(
          one.name, one.is_exact ? std::string_view(one.condition) : std::string_view(), one.line);
      Package& package = reading.at(index);
      if (!one.is_exact) package.requested = one.condition;
      package.scope = one.is_for_builds ? Scope::kDevelopment : Scope::kProduction;
      // A locked file names what is needed by others in the same list.
      if (!reading.list().complete) reading.ask(index, package.scope);
    }
  }
  return reading.take();
}

PackageList read_opam_switch(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kOpam);
  OpamTokens tokens(bytes);
  std::vector<Asked> roots;
  for (Token token = tokens.next(); token.kind != Token::Kind::kEnd; token = tokens.next()) {
    if (token.kind != Token::Kind::kWord) continue;
    if (token.text == "roots:") roots = read_list(tokens);
    if (token.text != "installed:") continue;
    for (const Asked& one : read_list(tokens)) {  // "name.1.0"
      const Halves halves = cut_first(one.name, ".");
      reading.know(std::string(one.name), reading.add(halves.before, halves.behind, one.line));
    }
  }
  for (const Asked& root : roots) reading.ask(std::string(root.name), Scope::kProduction);
  return reading.take();
}

}  // namespace vedette::formats::packages
