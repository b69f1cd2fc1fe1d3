// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/lower.h"

#include <fmt/format.h>

#include "rules/falco/check_lowering.h"

namespace vedette::rules::falco {
namespace {

// Recursion as deep as macros.h allows.
class ConditionLowering {
 public:
  explicit ConditionLowering(const std::string& source) : source_(source) {}

  Parsed<Expression> run(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::kAnd:
        return chain(condition, Expression::Kind::kAnd);
      case Condition::Kind::kOr:
        return chain(condition, Expression::Kind::kOr);
      case Condition::Kind::kNot:
        return chain(condition, Expression::Kind::kNot);
      case Condition::Kind::kCheck:
        return lower_check(condition.check, source_,
                           condition.macro.empty() ? "condition" : condition.macro);
      case Condition::Kind::kMacro:
        break;
    }
    return refuse(fmt::format("the macro '{}' is not resolved", condition.macro));
  }

 private:
  Parsed<Expression> chain(const Condition& condition, Expression::Kind kind) {
    std::vector<Expression> parts;
    parts.reserve(condition.parts.size());
    for (const Condition& part : condition.parts) {
      TRY(Expression lowered, run(part));
      parts.push_back(std::move(lowered));
    }
    return Expression::make(kind, std::move(parts));
  }

  const std::string& source_;  // the caller's
};

}  // namespace

Parsed<Expression> lower_condition(const Condition& condition, const std::string& source) {
  return ConditionLowering(source).run(condition);
}

}  // namespace vedette::rules::falco
