// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/lower.h"

#include <algorithm>
#include <fmt/format.h>

#include "rules/sigma/condition.h"
#include "rules/sigma/regex_check.h"
#include "rules/sigma/text.h"

namespace vedette::rules::sigma {
namespace {

using Lowered = Parsed<std::optional<Expression>>;

Expression join(Expression::Kind kind, std::vector<Expression> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return Expression::make(kind, std::move(parts));
}

Expression negate(Expression inner) {
  std::vector<Expression> parts;
  parts.push_back(std::move(inner));
  return Expression::make(Expression::Kind::kNot, std::move(parts));
}

bool has_modifier(const FieldTest& test, std::string_view name) {
  return std::ranges::find(test.modifiers, name) != test.modifiers.end();
}

// A text with wildcards as the cheapest test that means the same.
Predicate text_predicate(std::string text, Case letter_case) {
  collapse_runs(text);
  const bool front = text.starts_with(kAnyRun);
  const bool back = text.size() > 1 && text.ends_with(kAnyRun);
  const std::string_view inner =
      std::string_view(text).substr(front ? 1 : 0, text.size() - (front ? 1 : 0) - (back ? 1 : 0));
  if (inner.empty() && front) return {Test::kGlob, letter_case, std::move(text)};
  if (has_wildcard(inner)) return {Test::kGlob, letter_case, std::move(text)};
  const Test test = front && back ? Test::kContains
                    : front       ? Test::kEndsWith
                    : back        ? Test::kStartsWith
                                  : Test::kEquals;
  return {test, letter_case, std::string(inner)};
}

// Lowers the values of one test.
class TestLowering {
 public:
  TestLowering(const FieldTest& test, const std::string& selection, Budget& budget)
      : test_(test),
        selection_(selection),
        budget_(budget),
        keyword_(test.field == kAnyField),
        // A keyword is looked for inside of values, unless the rule says at which end.
        inside_(keyword_ && !has_modifier(test, "startswith") && !has_modifier(test, "endswith")) {}

  Parsed<Expression> run() {
    if (test_.values.empty()) {
      if (keyword_) return refuse(test_.position, "the list of keywords is empty");
      TRY(Expression absent, leaf({Test::kNull, Case::kIgnore, {}}, test_.position));
      return test_.negated ? negate(std::move(absent)) : std::move(absent);
    }
    const auto kind = test_.all ? Expression::Kind::kAnd : Expression::Kind::kOr;
    TRY(Expression joined, values(test_.values, kind));
    return test_.negated ? negate(std::move(joined)) : std::move(joined);
  }

 private:
  Parsed<Expression> values(const std::vector<Value>& values, Expression::Kind kind) {
    std::vector<Expression> parts;
    parts.reserve(values.size());
    for (const Value& value : values) {
      TRY(Expression part, one(value));
      parts.push_back(std::move(part));
    }
    return join(kind, std::move(parts));
  }

  Parsed<Expression> one(const Value& value) {
    if (keyword_) TRY_VOID(check_keyword(value));
    switch (value.kind) {
      case ValueKind::kString:
        return string(value);
      case ValueKind::kNumber:
        return leaf({keyword_ ? Test::kContains : Test::kNumberEquals, Case::kIgnore, value.text},
                    value.position);
      case ValueKind::kBoolean:
        return leaf({Test::kEquals, Case::kIgnore, value.truth ? "true" : "false"}, value.position);
      case ValueKind::kNull:
        return leaf({Test::kNull, Case::kIgnore, {}}, value.position);
      case ValueKind::kRegex:
        return regex(value);
      case ValueKind::kCidr:
        return leaf({Test::kCidr, Case::kIgnore, value.text}, value.position);
      case ValueKind::kCompare:
      case ValueKind::kTimePart:
      case ValueKind::kFieldReference:
        return leaf({value.test, Case::kIgnore, value.text}, value.position);
      case ValueKind::kExists: {
        TRY(Expression present, leaf({Test::kExists, Case::kIgnore, {}}, value.position));
        return value.truth ? std::move(present) : negate(std::move(present));
      }
      case ValueKind::kExpansion:
        return values(value.alternatives, Expression::Kind::kOr);
    }
    return refuse(value.position, "the value has no meaning");
  }

  static Parsed<void> check_keyword(const Value& value) {
    switch (value.kind) {
      case ValueKind::kString:
      case ValueKind::kNumber:
      case ValueKind::kRegex:
      case ValueKind::kExpansion:
        return {};
      default:
        return refuse(
            value.position,
            "keywords are text, numbers or regular expressions; this value needs the name "
            "of a field");
    }
  }

  static Parsed<void> check_resolved(const Value& value) {
    if (!has_placeholder(value.text)) return {};
    return refuse(value.position,
                  fmt::format("the placeholder %{}% has no values; give them in a file with --vars",
                              placeholder_names(value.text).front()));
  }

  Parsed<Expression> string(const Value& value) {
    TRY_VOID(check_resolved(value));
    std::string text = value.text;
    if (inside_) {
      add_leading_run(text);
      add_trailing_run(text);
    }
    return leaf(text_predicate(std::move(text), value.cased ? Case::kRespect : Case::kIgnore),
                value.position);
  }

  Parsed<Expression> regex(const Value& value) {
    TRY_VOID(check_resolved(value));
    std::string pattern = with_flags(value.text, value.flags);
    if (std::string problem = regex_problem(pattern); !problem.empty()) {
      return refuse(value.position, std::move(problem));
    }
    return leaf({Test::kRegex, Case::kRespect, std::move(pattern)}, value.position);
  }

  Parsed<Expression> leaf(Predicate predicate, Position position) {
    if (!budget_.take(1)) {
      return refuse(position, fmt::format("the condition tests more than {} values; split the rule",
                                          kRuleValuesMax));
    }
    Expression expression;
    expression.kind = Expression::Kind::kLeaf;
    expression.field = test_.field;
    expression.predicate = std::move(predicate);
    expression.selection = selection_;
    expression.line = position.line;
    return expression;
  }

  const FieldTest& test_;  // the caller's, like the two below
  const std::string& selection_;
  Budget& budget_;
  bool keyword_;
  bool inside_;
};

// Recursion as deep as parse_condition() allows.
class ConditionLowering {
 public:
  ConditionLowering(const SigmaRule& rule, Budget& budget) : rule_(rule), budget_(budget) {}

  Lowered run(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::kName:
        return name(condition);
      case Condition::Kind::kSelector:
        return selector(condition);
      case Condition::Kind::kAnd:
      case Condition::Kind::kOr:
        return chain(condition);
      case Condition::Kind::kNot:
        break;
    }
    TRY(std::optional<Expression> inner, run(condition.parts.front()));
    if (!inner.has_value()) return inner;
    return negate(std::move(*inner));
  }

 private:
  Lowered name(const Condition& condition) {
    const NamedDetection* detection = rule_.find(condition.name);
    if (detection == nullptr) {
      return refuse(condition.position,
                    fmt::format("the condition names '{}', but no such detection is defined",
                                condition.name));
    }
    return lower_detection(detection->detection, detection->name, budget_);
  }

  // A selector that names nothing vanishes, and so does what it leaves empty.
  Lowered selector(const Condition& condition) {
    std::vector<Expression> parts;
    for (const NamedDetection& named : rule_.detections) {
      if (!selects(condition.name, named.name)) continue;
      TRY(std::optional<Expression> part, lower_detection(named.detection, named.name, budget_));
      if (part.has_value()) parts.push_back(std::move(*part));
    }
    if (parts.empty()) return std::nullopt;
    return join(condition.all ? Expression::Kind::kAnd : Expression::Kind::kOr, std::move(parts));
  }

  Lowered chain(const Condition& condition) {
    std::vector<Expression> parts;
    for (const Condition& part : condition.parts) {
      TRY(std::optional<Expression> lowered, run(part));
      if (lowered.has_value()) parts.push_back(std::move(*lowered));
    }
    if (parts.empty()) return std::nullopt;
    const bool is_and = condition.kind == Condition::Kind::kAnd;
    return join(is_and ? Expression::Kind::kAnd : Expression::Kind::kOr, std::move(parts));
  }

  const SigmaRule& rule_;  // the caller's, like the budget
  Budget& budget_;
};

}  // namespace

Lowered lower_detection(const Detection& detection, const std::string& selection, Budget& budget) {
  std::vector<Expression> parts;
  parts.reserve(detection.tests.size() + detection.groups.size());
  for (const FieldTest& test : detection.tests) {
    TRY(Expression part, TestLowering(test, selection, budget).run());
    parts.push_back(std::move(part));
  }
  for (const Detection& group : detection.groups) {
    TRY(std::optional<Expression> part, lower_detection(group, selection, budget));
    if (part.has_value()) parts.push_back(std::move(*part));
  }
  if (parts.empty()) return std::nullopt;
  const bool is_and = detection.link == Detection::Link::kAnd;
  return join(is_and ? Expression::Kind::kAnd : Expression::Kind::kOr, std::move(parts));
}

Parsed<Rule> lower_rule(SigmaRule&& rule, Budget& budget) {
  ConditionLowering lowering(rule, budget);
  std::vector<Expression> conditions;
  for (const Condition& condition : rule.conditions) {
    TRY(std::optional<Expression> lowered, lowering.run(condition));
    if (lowered.has_value()) conditions.push_back(std::move(*lowered));
  }
  if (conditions.empty()) {
    return refuse(rule.condition_position,
                  "nothing is left of the condition: what it selects does not exist");
  }
  Rule lowered;
  lowered.condition = join(Expression::Kind::kOr, std::move(conditions));
  lowered.info = std::move(rule.info);
  lowered.logsource = std::move(rule.logsource);
  lowered.fields = std::move(rule.fields);
  return lowered;
}

}  // namespace vedette::rules::sigma
