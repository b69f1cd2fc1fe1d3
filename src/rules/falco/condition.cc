// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/condition.h"

#include <fmt/format.h>

#include "rules/falco/lexer.h"

namespace vedette::rules::falco {
namespace {

// A recursive descent, as deep as kDepthMax allows.
class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : lexer_(text) {}

  Parsed<Condition> run() {
    TRY(Condition condition, either());
    if (!lexer_.at_end()) return wrong("expected 'and', 'or' or the end of the condition");
    return condition;
  }

 private:
  class Depth {
   public:
    explicit Depth(std::size_t& depth) : depth_(depth) { ++depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    ~Depth() { --depth_; }
    bool reached() const { return depth_ >= kDepthMax; }

   private:
    std::size_t& depth_;  // the parser's
  };

  std::unexpected<Problem> wrong(std::string_view expected) const {
    const std::string nearby = lexer_.nearby();
    return refuse(fmt::format("{}, found '{}'", expected, nearby), nearby);
  }
  static std::unexpected<Problem> too_deep() {
    return refuse(fmt::format("the condition is nested deeper than {} levels", kDepthMax));
  }

  Parsed<Condition> either() { return chain("or", Condition::Kind::kOr); }
  Parsed<Condition> all() { return chain("and", Condition::Kind::kAnd); }

  Parsed<Condition> operand_of(Condition::Kind kind) {
    return kind == Condition::Kind::kOr ? all() : negation();
  }

  Parsed<Condition> chain(std::string_view word, Condition::Kind kind) {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    lexer_.blanks();
    TRY(Condition first, operand_of(kind));
    std::vector<Condition> parts;
    parts.push_back(std::move(first));
    lexer_.blanks();
    while (lexer_.literal(word)) {
      const bool spaced = lexer_.blanks();
      if (!spaced && !lexer_.literal("(")) {
        return wrong(fmt::format("expected a blank or '(' behind '{}'", word));
      }
      TRY(Condition next, spaced ? operand_of(kind) : inside_brackets());
      parts.push_back(std::move(next));
      lexer_.blanks();
    }
    if (parts.size() == 1) return std::move(parts.front());
    Condition condition;
    condition.kind = kind;
    condition.parts = std::move(parts);
    return condition;
  }

  Parsed<Condition> negation() {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    lexer_.blanks();
    bool negated = false;
    while (lexer_.not_word()) negated = !negated;
    const bool glued = lexer_.literal("not(");
    if (glued) negated = !negated;
    TRY(Condition inner, glued ? inside_brackets() : check());
    if (!negated) return inner;
    Condition condition;
    condition.kind = Condition::Kind::kNot;
    condition.parts.push_back(std::move(inner));
    return condition;
  }

  Parsed<Condition> inside_brackets() {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    lexer_.blanks();
    TRY(Condition inner, either());
    lexer_.blanks();
    if (!lexer_.literal(")")) return wrong("expected ')'");
    return inner;
  }

  Parsed<Condition> check() {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    lexer_.blanks();
    if (lexer_.literal("(")) return inside_brackets();
    if (lexer_.field_name()) {
      TRY(Term left, field_rest());
      return comparison(std::move(left));
    }
    if (lexer_.transformer()) {
      TRY(Term left, transformer_rest());
      return comparison(std::move(left));
    }
    if (lexer_.identifier()) {
      Condition condition;
      condition.kind = Condition::Kind::kMacro;
      condition.macro = lexer_.token();
      return condition;
    }
    return wrong("expected '(', a field or the name of a macro");
  }

  Parsed<std::optional<std::string>> argument() {
    if (!lexer_.literal("[")) return std::nullopt;
    TRY(const bool quoted, lexer_.quoted_text());
    if (!quoted && !lexer_.field_argument()) return wrong("expected an argument behind '['");
    std::string text = lexer_.token();
    if (!lexer_.literal("]")) return wrong("expected ']'");
    return text;
  }

  // Behind the field's name.
  Parsed<Term> field_rest() {
    Term field;
    field.kind = Term::Kind::kField;
    field.text = lexer_.token();
    TRY(field.argument, argument());
    return field;
  }

  // Behind the transformer's name and bracket.
  Parsed<Term> transformer_rest() {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    Term transformer;
    transformer.kind = Term::Kind::kTransformer;
    transformer.text = lexer_.token();
    TRY(transformer.parts, terms());
    if (transformer.parts.empty()) return wrong("expected an argument of the transformer");
    TRY(transformer.argument, argument());
    return transformer;
  }

  // Terms with commas between them and the closing bracket.
  Parsed<std::vector<Term>> terms() {
    std::vector<Term> parts;
    lexer_.blanks();
    if (lexer_.literal(")")) return parts;
    do {
      lexer_.blanks();
      TRY(Term part, term());
      parts.push_back(std::move(part));
      lexer_.blanks();
    } while (lexer_.literal(","));
    if (!lexer_.literal(")")) return wrong("expected ')'");
    return parts;
  }

  Parsed<Term> term() {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    if (lexer_.transformer()) return transformer_rest();
    if (lexer_.field_name()) return field_rest();
    Term made;
    if (lexer_.literal("(")) {
      made.kind = Term::Kind::kList;
      TRY(made.parts, terms());
      return made;
    }
    TRY(const bool quoted, lexer_.quoted_text());
    if (!quoted && !lexer_.number()) {
      return wrong("expected a field, a transformer, a quoted text, a number or a list");
    }
    made.text = lexer_.token();
    return made;
  }

  Parsed<Condition> comparison(Term left) {
    const Depth depth(depth_);
    if (depth.reached()) return too_deep();
    lexer_.blanks();
    const OperatorRow* row = lexer_.operation();
    if (row == nullptr) return wrong("expected an operator (=, !=, contains, in, exists …)");
    Condition condition;
    condition.check.left = std::move(left);
    condition.check.op = row->op;
    TRY_VOID(right_side(*row, condition.check));
    return condition;
  }

  Parsed<void> right_side(const OperatorRow& row, Check& check) {
    if (row.operand == Operand::kNone) return {};
    const bool spaced = lexer_.blanks() || row.word;
    if (row.operand == Operand::kText && spaced) {
      const std::size_t start = lexer_.position();
      if (lexer_.modifier() && lexer_.list_follows()) {
        const std::string_view word = lexer_.token();
        check.modifier = word == "oneof"   ? Modifier::kOneOf
                         : word == "anyof" ? Modifier::kAnyOf
                                           : Modifier::kAllOf;
        return list(check);
      }
      lexer_.go_back(start);
    }
    if (row.operand == Operand::kList) {
      TRY(const bool found, bracketed_list(check));
      if (found) return {};
    }
    TRY(const bool term, right_term(check));
    if (term) return {};
    if (row.operand == Operand::kList) return list(check);
    if (row.operand == Operand::kNumber) {
      if (!lexer_.number()) return wrong("expected a number");
    } else {
      TRY_VOID(text_value());
    }
    check.values.push_back(lexer_.token());
    return {};
  }

  Parsed<void> text_value() {
    TRY(const bool quoted, lexer_.quoted_text());
    if (!quoted && !lexer_.bare_text()) return wrong("expected a text");
    return {};
  }

  // A list, or the name of one that does not exist, which is a text then.
  Parsed<void> list(Check& check) {
    TRY(const bool found, bracketed_list(check));
    if (found) return {};
    if (!lexer_.identifier()) return wrong("expected a list in brackets");
    check.values.push_back(lexer_.token());
    return {};
  }

  Parsed<bool> bracketed_list(Check& check) {
    lexer_.blanks();
    if (!lexer_.literal("(")) return false;
    lexer_.blanks();
    if (lexer_.literal(")")) return true;
    do {
      lexer_.blanks();
      TRY_VOID(text_value());
      check.values.push_back(lexer_.token());
      lexer_.blanks();
    } while (lexer_.literal(","));
    if (!lexer_.literal(")")) return wrong("expected ',' or ')' in the list");
    return true;
  }

  // val(FIELD) or a transformer in place of a literal.
  Parsed<bool> right_term(Check& check) {
    if (lexer_.literal("val(")) {
      lexer_.blanks();
      if (!lexer_.field_name()) return wrong("expected a field inside of val()");
      TRY(check.right, field_rest());
      lexer_.blanks();
      if (!lexer_.literal(")")) return wrong("expected ')' behind the field of val()");
      return true;
    }
    if (!lexer_.transformer()) return false;
    TRY(check.right, transformer_rest());
    return true;
  }

  Lexer lexer_;
  std::size_t depth_ = 0;
};

}  // namespace

Parsed<Condition> parse_condition(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return refuse("the condition is empty");
  }
  return ConditionParser(text).run();
}

Parsed<LeadingField> parse_leading_field(std::string_view text) {
  Lexer lexer(text);
  if (!lexer.field_name()) return refuse("expected the name of a field behind '%'");
  LeadingField field;
  field.name = lexer.token();
  field.size = lexer.position();
  if (!lexer.literal("[")) return field;
  TRY(const bool quoted, lexer.quoted_text());
  if (!quoted && !lexer.field_argument()) return field;
  std::string argument = lexer.token();
  if (!lexer.literal("]")) return field;
  field.argument = std::move(argument);
  field.size = lexer.position();
  return field;
}

bool starts_with_transformer(std::string_view text) { return Lexer(text).transformer(); }

}  // namespace vedette::rules::falco
