// SPDX-License-Identifier: Apache-2.0
#include "rules/possible_values.h"

#include <gtest/gtest.h>

namespace vedette::rules {
namespace {

using Kind = Expression::Kind;

Expression leaf(std::string field, std::string text, rules::Test test = rules::Test::kEquals) {
  Expression expression;
  expression.kind = Kind::kLeaf;
  expression.field = std::move(field);
  expression.predicate.test = test;
  expression.predicate.text = std::move(text);
  return expression;
}

bool allows(const Expression& condition, std::string_view value) {
  return possible_values(condition, "evt.type").allows(value);
}

TEST(PossibleValues, AnAndNarrowsAndAnOrWidens) {
  const Expression opens =
      Expression::make(Kind::kOr, {leaf("evt.type", "open"), leaf("evt.type", "OpenAt")});
  const Expression both = Expression::make(Kind::kAnd, {opens, leaf("fd.name", "/etc/shadow")});
  EXPECT_TRUE(allows(both, "openat"));
  EXPECT_FALSE(allows(both, "execve"));
  EXPECT_TRUE(allows(Expression::make(Kind::kOr, {opens, leaf("fd.name", "x")}), "execve"));
}

TEST(PossibleValues, ANotAllowsTheRest) {
  const Expression other = Expression::make(Kind::kNot, {leaf("evt.type", "open")});
  EXPECT_FALSE(allows(other, "open"));
  EXPECT_TRUE(allows(other, "execve"));
  const Expression none = Expression::make(Kind::kAnd, {other, leaf("evt.type", "open")});
  EXPECT_FALSE(allows(none, "open"));
}

TEST(PossibleValues, WhatIsNotUnderstoodAllowsEverything) {
  EXPECT_TRUE(allows(leaf("evt.type", "op", rules::Test::kStartsWith), "execve"));
  EXPECT_TRUE(allows(Expression::make(Kind::kNot, {leaf("evt.type", "o", rules::Test::kContains)}),
                     "open"));
  EXPECT_FALSE(allows(Expression::make(Kind::kFalse), "open"));
  EXPECT_TRUE(allows(Expression::make(Kind::kTrue), "open"));
}

}  // namespace
}  // namespace vedette::rules
