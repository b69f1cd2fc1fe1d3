// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/text.h"

#include <gtest/gtest.h>
#include <random>

namespace vedette::rules::sigma {
namespace {

TEST(Text, WrittenTextIsReadBackAsItWas) {
  std::mt19937 random(7);
  constexpr std::string_view kAlphabet = "\\\\\\**??ab%";
  for (int round = 0; round < 20000; ++round) {
    std::string raw;
    const std::size_t size = random() % 8;
    for (std::size_t i = 0; i < size; ++i) raw += kAlphabet[random() % kAlphabet.size()];
    const std::string text = parse_text(raw);
    EXPECT_EQ(parse_text(written_text(text)), text) << raw;
  }
}

TEST(Text, RunsCollapse) {
  std::string text = parse_text("**a***?*");
  collapse_runs(text);
  EXPECT_EQ(text,
            "\xFF"
            "a\xFF\xFE\xFF");
}

std::string placeholders(std::string_view raw) {
  std::string text = parse_text(raw);
  insert_placeholders(text);
  for (char& c : text) {
    if (c == kPlaceholderMark) c = '#';
  }
  return text;
}

TEST(Text, PlaceholdersNeedNames) {
  EXPECT_EQ(placeholders("%a%"), "#a#");
  EXPECT_EQ(placeholders("x%a%y%b c%z"), "x#a#y#b c#z");
  EXPECT_EQ(placeholders("100%"), "100%");
  EXPECT_EQ(placeholders("%%"), "%%");
  EXPECT_EQ(placeholders("%a\\b%"), "%a\\b%") << "a path between two percent signs";
  EXPECT_EQ(placeholders("\\%a\\%"), "%a%");
  EXPECT_EQ(placeholders("%a*b%"), std::string("%a\xFF") + "b%") << "no wildcards in names";
}

TEST(Text, PlaceholdersAreReplacedInAllCombinations) {
  std::string text = "%a%-%b%-%c%";
  insert_placeholders(text);
  const Variables variables = {{"a", {"1", "2*"}}, {"b", {"x", "y"}}};
  const auto parsed = replace_placeholders(text, variables, Insert::kParsed);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->size(), 4U);
  EXPECT_EQ(written_text(parsed->at(0)), "1-x-%c%");
  EXPECT_EQ(parsed->at(3).substr(0, 2), "2\xFF");
  const auto raw = replace_placeholders(text, variables, Insert::kAsWritten);
  EXPECT_EQ(raw->at(3).substr(0, 2), "2*");
  EXPECT_EQ(placeholder_names(text), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Text, CombinationsAreBounded) {
  Variables variables;
  for (int i = 0; i < 1000; ++i) variables["a"].push_back(std::to_string(i));
  std::string text = "%a%%a%%a%%a%";
  insert_placeholders(text);
  EXPECT_FALSE(replace_placeholders(text, variables, Insert::kParsed).has_value());
}

}  // namespace
}  // namespace vedette::rules::sigma
