// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rules/falco/ast.h"
#include "rules/falco/operators.h"

namespace vedette::rules::falco {

// Reads the tokens of a condition from left to right. Each function takes what it is named after
// and returns true, or leaves everything as it was; what was taken stands in token().
class Lexer {
 public:
  // `text` outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  bool blanks();
  bool identifier();      // letter, then letters, digits and '_'
  bool field_name();      // identifiers joined by dots, at least two
  bool field_argument();  // no blank, quote or square bracket
  bool number();          // decimal or 0x…
  bool bare_text();       // no blank, quote, bracket, comma or '='
  bool literal(std::string_view wanted);
  bool not_word();                 // "not" and blanks
  bool transformer();              // its name with the bracket; token() is the name
  bool modifier();                 // "oneof", "anyof", "allof" and blanks
  const OperatorRow* operation();  // null when there is none
  Parsed<bool> quoted_text();      // a Problem for a bad escape
  bool list_follows() const;       // '(' or an identifier that is no and, or, not
  bool at_end() const { return at_ == text_.size(); }
  std::size_t position() const { return at_; }
  void go_back(std::size_t position) { at_ = position; }
  const std::string& token() const { return token_; }
  // Some text of the condition about here, for messages.
  std::string nearby() const;

 private:
  bool take(std::size_t size);
  std::string_view rest() const { return text_.substr(at_); }

  std::string_view text_;  // the caller's
  std::size_t at_ = 0;
  std::string token_;
};

}  // namespace vedette::rules::falco
