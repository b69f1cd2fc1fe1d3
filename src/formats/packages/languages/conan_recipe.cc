// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "formats/packages/languages/conan_reference.h"
#include "formats/packages/languages/languages.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// A name, a text, a sign of a Python program.
struct Token {
  enum class Kind : std::uint8_t { kEnd, kWord, kText, kSign };
  Kind kind = Kind::kEnd;
  std::string_view text;  // of a text what stands in its quotes
  std::uint32_t line = 0;
  bool is_plain = true;  // of a text: nothing in it is computed ("f") or escaped

  bool is(std::string_view sign) const { return kind == Kind::kSign && text == sign; }
};

class PythonTokens {
 public:
  explicit PythonTokens(std::string_view program) : rest_(program) {}

  Token next() {
    skip_blanks();
    if (rest_.empty()) return {};
    if (const std::size_t size = word_size(); size > 0) {
      const std::string_view word = rest_.substr(0, size);
      const bool is_prefix = size <= 2 && size < rest_.size() && is_quote(rest_[size]) &&
                             word.find_first_not_of("rRbBuUfF") == std::string_view::npos;
      rest_.remove_prefix(size);
      if (!is_prefix) return {Token::Kind::kWord, word, line_};
      Token text = quoted();
      text.is_plain = text.is_plain && word.find_first_of("fFbB") == std::string_view::npos;
      return text;
    }
    if (is_quote(rest_.front())) return quoted();
    const Token sign = {Token::Kind::kSign, rest_.substr(0, 1), line_};
    rest_.remove_prefix(1);
    return sign;
  }

 private:
  static bool is_quote(char c) { return c == '"' || c == '\''; }

  void skip_blanks() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '#') {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
        continue;
      }
      if (c != '\\' && kBlanks.find(c) == std::string_view::npos) return;
      if (c == '\n') ++line_;
      rest_.remove_prefix(1);
    }
  }
  std::size_t word_size() const {
    std::size_t size = 0;
    while (size < rest_.size()) {
      const char c = rest_[size];
      const bool is_letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
      if (!is_letter) break;
      ++size;
    }
    return size;
  }
  Token quoted() {
    const std::string_view one = rest_.substr(0, 1);
    const std::string three(3, one.front());
    const bool is_long = rest_.starts_with(three);
    const std::string_view end = is_long ? std::string_view(three) : one;
    Token text = {Token::Kind::kText, {}, line_};
    rest_.remove_prefix(end.size());
    std::size_t size = 0;
    for (; size < rest_.size() && !rest_.substr(size).starts_with(end); ++size) {
      if (rest_[size] == '\n' && !is_long) break;  // not closed
      if (rest_[size] == '\n') ++line_;
      if (rest_[size] != '\\') continue;
      text.is_plain = false;
      ++size;  // what is escaped ends nothing
      if (size < rest_.size() && rest_[size] == '\n') ++line_;
    }
    size = std::min(size, rest_.size());
    text.text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (rest_.starts_with(end)) rest_.remove_prefix(end.size());
    return text;
  }

  std::string_view rest_;  // the caller's
  std::uint32_t line_ = 1;
};

// What a recipe asks for: attributes of the class (`requires = "a/1", "b/2"`) and calls
// (`self.requires("a/1")`). Nothing is computed: of what is, the name before the first brace
// stands.
class RecipeReading {
 public:
  RecipeReading(std::string_view program, PackageReading& reading)
      : tokens_(program), reading_(reading) {}

  void read() {
    for (step(); now_.kind != Token::Kind::kEnd; step()) {
      if (now_.kind != Token::Kind::kWord) continue;
      const bool is_of_self = before_.is(".") && owner_ == "self";
      const bool is_request = kRequests.contains(" " + std::string(now_.text) + " ");
      if (is_request && is_of_self) read_call();
      if (depth_ == 0 && !before_.is(".")) read_attribute(is_request);
    }
    if (name_.empty()) return;
    reading_.at(reading_.add(name_, version_, name_line_)).relation = Relation::kRoot;
  }

 private:
  static constexpr std::string_view kRequests =
      " requires tool_requires build_requires test_requires python_requires ";

  void step() {
    owner_ = before_.kind == Token::Kind::kWord ? before_.text : std::string_view();
    before_ = now_;
    now_ = tokens_.next();
    if (now_.is("(") || now_.is("[") || now_.is("{")) ++depth_;
    if (now_.is(")") || now_.is("]") || now_.is("}")) depth_ -= depth_ > 0 ? 1 : 0;
  }

  static Scope scope_of(std::string_view request) {
    return request == "requires" ? Scope::kProduction : Scope::kDevelopment;
  }

  void take(const Token& text, Scope scope) {
    std::string_view reference = text.text;
    const bool is_sentence = reference.contains(' ') && !reference.contains('[');
    if (is_sentence || !cut_first(reference, "/").found) return;
    if (text.is_plain) return ask_conan_reference(reference, text.line, scope, reading_);
    const std::string_view name = cut_first(reference, "/").before;
    if (name.find_first_of("{}\\") == std::string_view::npos)
      ask_conan_reference(name, text.line, scope, reading_);
  }

  void read_call() {
    const Scope scope = scope_of(now_.text);
    step();
    if (!now_.is("(")) return;
    step();
    if (now_.kind == Token::Kind::kText) take(now_, scope);
  }

  void read_attribute(bool is_request) {
    const std::string_view attribute = now_.text;
    if (!is_request && attribute != "name" && attribute != "version") return;
    const Token word = now_;
    step();
    if (!now_.is("=")) return;
    const std::size_t depth = depth_;
    step();
    if (!is_request) {
      const bool is_text = now_.kind == Token::Kind::kText && now_.is_plain;
      if (is_text && attribute == "version" && version_.empty()) version_ = now_.text;
      if (!is_text || attribute != "name" || !name_.empty()) return;
      name_ = now_.text;
      name_line_ = word.line;
      return;
    }
    read_list(scope_of(attribute), depth);
  }

  // "a/1", "b/2" or the same in brackets, of which some may have more than a reference.
  void read_list(Scope scope, std::size_t depth) {
    for (; now_.kind != Token::Kind::kEnd; step()) {
      if (now_.kind == Token::Kind::kText) take(now_, scope);
      const bool goes_on = depth_ > depth || now_.is(",");
      if (!goes_on && !peek_is_comma()) return;
    }
  }
  bool peek_is_comma() const {
    PythonTokens ahead = tokens_;
    return ahead.next().is(",");
  }

  PythonTokens tokens_;
  PackageReading& reading_;
  Token before_;
  Token now_;
  std::string_view owner_;  // the word before `before_`
  std::size_t depth_ = 0;
  std::string_view name_;
  std::string_view version_;
  std::uint32_t name_line_ = 0;
};

}  // namespace

PackageList read_conanfile_recipe(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kConan);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  RecipeReading(bytes, reading).read();
  return reading.take();
}

}  // namespace vedette::formats::packages
