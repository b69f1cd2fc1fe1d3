// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/condition.h"

#include <gtest/gtest.h>

namespace vedette::rules::sigma {
namespace {

// The tree with all its parentheses.
std::string show(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kName:
      return condition.name;
    case Condition::Kind::kSelector:
      return (condition.all ? "all:" : "any:") + condition.name;
    case Condition::Kind::kNot:
      return "!" + show(condition.parts.at(0));
    default:
      break;
  }
  std::string out;
  const char* sign = condition.kind == Condition::Kind::kAnd ? " & " : " | ";
  for (const Condition& part : condition.parts) out += (out.empty() ? "" : sign) + show(part);
  return "(" + out + ")";
}

std::string show(std::string_view text) {
  const auto condition = parse_condition(text);
  return condition.has_value() ? show(*condition) : "error: " + condition.error().message;
}

TEST(Condition, PrecedenceIsNotThenAndThenOr) {
  EXPECT_EQ(show("a or b and not c"), "(a | (b & !c))");
  EXPECT_EQ(show("not a and b or c and d"), "((!a & b) | (c & d))");
  EXPECT_EQ(show("(a or b) and c"), "((a | b) & c)");
  EXPECT_EQ(show("a and b and c"), "(a & b & c)");
  EXPECT_EQ(show("not not (a)"), "!!a");
  EXPECT_EQ(show("  a\n and\tb "), "(a & b)");
}

TEST(Condition, Selectors) {
  EXPECT_EQ(show("1 of them"), "any:them");
  EXPECT_EQ(show("any of sel_* or all of _x*y"), "(any:sel_* | all:_x*y)");
  EXPECT_EQ(show("all and any"), "(all & any)") << "names, when no `of` follows";
  EXPECT_EQ(show("1"), "1");
}

TEST(Condition, ErrorsNameWhatStandsThere) {
  EXPECT_NE(show("a é").find("before 'é'"), std::string::npos) << show("a é");
  EXPECT_NE(show("a | count() > 1").find("correlation"), std::string::npos);
  EXPECT_NE(show("3 of them").find("'3 of'"), std::string::npos);
  EXPECT_NE(show("1 of (a)").find("pattern"), std::string::npos);
  EXPECT_NE(show(std::string(kConditionBytesMax + 1, 'a')).find("longer"), std::string::npos);
}

TEST(Condition, NestingIsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_EQ(show(nested(kConditionDepthMax)), "a");
  EXPECT_NE(show(nested(kConditionDepthMax + 1)).find("deeper"), std::string::npos);
  std::string negations;
  for (int i = 0; i < 10000; ++i) negations += "not ";
  EXPECT_NE(show(negations + "a").find("deeper"), std::string::npos);
}

TEST(Condition, PatternsNameDetections) {
  EXPECT_TRUE(selects("them", "selection"));
  EXPECT_FALSE(selects("them", "_private"));
  EXPECT_TRUE(selects("sel*", "selection"));
  EXPECT_TRUE(selects("*", "x"));
  EXPECT_FALSE(selects("*", "_x"));
  EXPECT_TRUE(selects("_*", "_x"));
  EXPECT_TRUE(selects("a*b*c", "aXbYbc"));
  EXPECT_FALSE(selects("a*b*c", "aXcYb"));
  EXPECT_TRUE(selects("a*", "a"));
  EXPECT_FALSE(selects("sel", "selection"));
}

}  // namespace
}  // namespace vedette::rules::sigma
