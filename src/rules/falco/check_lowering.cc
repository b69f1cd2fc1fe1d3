// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/check_lowering.h"

#include <algorithm>
#include <fmt/format.h>

#include "rules/falco/lower.h"
#include "rules/falco/operands.h"
#include "rules/falco/operators.h"
#include "rules/falco/patterns.h"

namespace vedette::rules::falco {
namespace {

using Kind = Expression::Kind;

Expression join(Kind kind, std::vector<Expression> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return Expression::make(kind, std::move(parts));
}

Expression negate(Expression inner) {
  std::vector<Expression> parts;
  parts.push_back(std::move(inner));
  return Expression::make(Kind::kNot, std::move(parts));
}

Expression both(Expression left, Expression right) {
  std::vector<Expression> parts;
  parts.push_back(std::move(left));
  parts.push_back(std::move(right));
  return Expression::make(Kind::kAnd, std::move(parts));
}

// Once told entry ('>') from exit ('<') of a system call; there are only exits left.
constexpr std::string_view kDirectionField = "evt.dir";
constexpr std::string_view kExit = "<";

class CheckLowering {
 public:
  CheckLowering(const Check& check, const std::string& source, const std::string& part)
      : check_(check), source_(source), part_(part) {}

  Parsed<Expression> run() {
    TRY(subject_, subject_of(check_.left, source_));
    settle_type();
    TRY_VOID(check_operator(subject_, check_.op, check_.modifier));
    if (subject_.field.name == kDirectionField) return direction();
    if (check_.op == Operator::kExists) return has_value(subject_);
    if (check_.right) return field_comparison();
    if (check_.values.empty()) return Expression::make(Kind::kFalse);
    if (check_.modifier != Modifier::kNone) return with_modifier();
    switch (check_.op) {
      case Operator::kIn:
        return subject_.field.values == FieldValues::kList ? all_in() : any_equal();
      case Operator::kIntersects:
        return any_equal();
      case Operator::kPmatch:
        return path_match();
      default:
        return one(check_.op, check_.values.front());
    }
  }

 private:
  // A field whose type depends on the event is what it is compared with.
  void settle_type() {
    if (subject_.field.type != FieldType::kAny) return;
    const bool numbers = std::ranges::none_of(
        check_.values, [](const std::string& value) { return decimal_of(value).empty(); });
    const bool ordered = check_.op <= Operator::kGreater && check_.op != Operator::kExists;
    const bool equality = check_.op == Operator::kEquals || check_.op == Operator::kNotEquals ||
                          check_.op == Operator::kIn || check_.op == Operator::kIntersects;
    subject_.field.type = ordered || (equality && numbers) ? FieldType::kNumber : FieldType::kText;
  }

  Parsed<Expression> direction() const {
    bool equal = std::ranges::find(check_.values, kExit) != check_.values.end();
    switch (check_.op) {
      case Operator::kExists:
        equal = true;
        break;
      case Operator::kNotEquals:
        equal = !equal;
        break;
      case Operator::kEquals:
      case Operator::kIn:
      case Operator::kIntersects:
        break;
      default:
        return refuse("the field 'evt.dir' is deprecated and always '<'; leave it out",
                      check_.left.text);
    }
    return Expression::make(equal ? Kind::kTrue : Kind::kFalse);
  }

  Expression leaf(const Subject& subject, Predicate predicate) const {
    Expression expression;
    expression.kind = Kind::kLeaf;
    expression.field = subject.field.name;
    expression.predicate = std::move(predicate);
    expression.predicate.transforms = subject.transforms;
    expression.selection = part_;
    return expression;
  }

  // The field has a text: neither missing nor null nor empty of elements.
  Expression has_value(const Subject& subject) const {
    return leaf(subject, {Test::kGlob, Case::kRespect, std::string(1, kAnyRun)});
  }

  // One value by an operator that takes one.
  Parsed<Expression> one(Operator op, const std::string& value) const {
    TRY(std::string literal, literal_of(subject_, op, value));
    if (op == Operator::kNotEquals) return not_equal(std::move(literal));
    TRY(Predicate predicate, predicate_of(op, std::move(literal)));
    return leaf(subject_, std::move(predicate));
  }

  Parsed<Predicate> predicate_of(Operator op, std::string literal) const {
    switch (op) {
      case Operator::kEquals:
      case Operator::kIn:
      case Operator::kIntersects:
        return equality(std::move(literal));
      case Operator::kLess:
        return Predicate{Test::kLess, Case::kRespect, std::move(literal)};
      case Operator::kLessEquals:
        return Predicate{Test::kLessEquals, Case::kRespect, std::move(literal)};
      case Operator::kGreater:
        return Predicate{Test::kGreater, Case::kRespect, std::move(literal)};
      case Operator::kGreaterEquals:
        return Predicate{Test::kGreaterEquals, Case::kRespect, std::move(literal)};
      case Operator::kGlob:
        return glob_predicate(literal, Case::kRespect);
      case Operator::kIglob:
        return glob_predicate(literal, Case::kIgnore);
      case Operator::kContains:
      case Operator::kBcontains:
        return Predicate{Test::kContains, Case::kRespect, std::move(literal)};
      case Operator::kIcontains:
        return Predicate{Test::kContains, Case::kIgnore, std::move(literal)};
      case Operator::kStartsWith:
      case Operator::kBstartsWith:
        return Predicate{Test::kStartsWith, Case::kRespect, std::move(literal)};
      case Operator::kEndsWith:
        return Predicate{Test::kEndsWith, Case::kRespect, std::move(literal)};
      case Operator::kRegex:
        return regex_predicate(literal);
      default:
        return refuse(fmt::format("the operator '{}' takes no single value", to_string(op)));
    }
  }

  Predicate equality(std::string literal) const {
    const FieldType type = subject_.field.type;
    const Test test = type == FieldType::kNumber ? Test::kNumberEquals
                      : type == FieldType::kAddress || type == FieldType::kNetwork ? Test::kCidr
                                                                                   : Test::kEquals;
    return {test, Case::kRespect, std::move(literal)};
  }

  // Of several values one that differs is enough; of an address of both ends neither may be equal.
  Parsed<Expression> not_equal(std::string literal) const {
    if (subject_.field.values != FieldValues::kAnyOf) {
      return both(has_value(subject_), negate(leaf(subject_, equality(std::move(literal)))));
    }
    if (subject_.field.type == FieldType::kNumber) {
      std::vector<Expression> parts;
      parts.push_back(leaf(subject_, {Test::kLess, Case::kRespect, literal}));
      parts.push_back(leaf(subject_, {Test::kGreater, Case::kRespect, std::move(literal)}));
      return Expression::make(Kind::kOr, std::move(parts));
    }
    TRY(Predicate other, none_of_predicate({std::move(literal)}));
    return leaf(subject_, std::move(other));
  }

  Parsed<std::vector<Expression>> each(Operator op) const {
    std::vector<Expression> parts;
    parts.reserve(check_.values.size());
    for (const std::string& value : check_.values) {
      TRY(Expression part, one(op, value));
      parts.push_back(std::move(part));
    }
    return parts;
  }

  Parsed<Expression> any_equal() const {
    TRY(std::vector<Expression> parts, each(Operator::kEquals));
    return join(Kind::kOr, std::move(parts));
  }

  // No element of the list is something else.
  Parsed<Expression> all_in() const {
    TRY(Predicate other, none_of_predicate(check_.values));
    return both(has_value(subject_), negate(leaf(subject_, std::move(other))));
  }

  Parsed<Expression> path_match() const {
    TRY(Predicate path, path_predicate(check_.values));
    return leaf(subject_, std::move(path));
  }

  Parsed<Expression> with_modifier() const {
    TRY(std::vector<Expression> parts, each(check_.op));
    if (check_.modifier == Modifier::kAnyOf) return join(Kind::kOr, std::move(parts));
    if (check_.modifier == Modifier::kAllOf) return join(Kind::kAnd, std::move(parts));
    if (parts.size() > kOneOfMax) {
      return refuse(
          fmt::format("'oneof' takes at most {} values here, found {}", kOneOfMax, parts.size()),
          check_.left.text);
    }
    std::vector<Expression> choices;
    for (std::size_t chosen = 0; chosen < parts.size(); ++chosen) {
      std::vector<Expression> all;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        all.push_back(i == chosen ? parts[i] : negate(parts[i]));
      }
      choices.push_back(join(Kind::kAnd, std::move(all)));
    }
    return join(Kind::kOr, std::move(choices));
  }

  // Comparisons with val(FIELD).
  Parsed<Expression> field_comparison() const {
    TRY(const Subject other, subject_of(*check_.right, source_));
    if (other.field.type != subject_.field.type) {
      return refuse(fmt::format("'{}' and '{}' are of different types", subject_.field.name,
                                other.field.name),
                    other.field.name);
    }
    TRY(const Test test, field_test());
    TRY(const Case letter_case, field_case(other));
    Subject plain = subject_;
    plain.transforms.clear();
    Expression equal = leaf(plain, {test, letter_case, other.field.name});
    if (check_.op != Operator::kNotEquals) return equal;
    return both(both(has_value(subject_), has_value(other)), negate(std::move(equal)));
  }

  Parsed<Test> field_test() const {
    const bool lists = subject_.field.values != FieldValues::kOne;
    switch (check_.op) {
      case Operator::kEquals:
      case Operator::kIntersects:
        return Test::kFieldEquals;
      case Operator::kNotEquals:
      case Operator::kIn:
        if (!lists) return Test::kFieldEquals;
        break;
      case Operator::kContains:
        return Test::kFieldContains;
      case Operator::kStartsWith:
        return Test::kFieldStartsWith;
      case Operator::kEndsWith:
        return Test::kFieldEndsWith;
      default:
        break;
    }
    return refuse(fmt::format("the operator '{}' cannot compare '{}' with another field here",
                              to_string(check_.op), subject_.field.name),
                  subject_.field.name);
  }

  // Both sides in one letters' case is the one transformation that the model knows of two fields.
  Parsed<Case> field_case(const Subject& other) const {
    if (subject_.transforms.empty() && other.transforms.empty()) return Case::kRespect;
    const bool same_case = subject_.transforms == other.transforms &&
                           subject_.transforms.size() == 1 &&
                           (subject_.transforms[0] == Transform::kLower ||
                            subject_.transforms[0] == Transform::kUpper);
    if (same_case) return Case::kIgnore;
    return refuse(fmt::format("'{}' cannot be compared with another field through transformers, "
                              "but for tolower or toupper of both",
                              subject_.field.name),
                  subject_.field.name);
  }

  const Check& check_;  // the caller's, like the two below
  const std::string& source_;
  const std::string& part_;
  Subject subject_;
};

}  // namespace

Parsed<Expression> lower_check(const Check& check, const std::string& source,
                               const std::string& part) {
  return CheckLowering(check, source, part).run();
}

}  // namespace vedette::rules::falco
