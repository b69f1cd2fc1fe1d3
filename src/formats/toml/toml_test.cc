// SPDX-License-Identifier: Apache-2.0
#include "formats/toml/toml.h"

#include <gtest/gtest.h>

namespace vedette::formats::toml {
namespace {

Node root_of(std::string_view text) {
  Result<Document> document = parse(text, {});
  EXPECT_TRUE(document.has_value());
  EXPECT_TRUE(document->errors.empty());
  return std::move(document->root);
}

TEST(Toml, ReadsEveryKindWithItsPlace) {
  const Node root = root_of(
      "title = \"a\\tb\"\n"
      "count = -7\n"
      "ratio = 0.5\n"
      "on = true\n"
      "day = 1979-05-27\n"
      "list = ['x', [1, 2]]\n");
  ASSERT_EQ(root.members.size(), 6U);
  EXPECT_EQ(root.find("title")->text, "a\tb");
  EXPECT_EQ(root.find("count")->integer, -7);
  EXPECT_EQ(root.find("count")->number, -7);
  EXPECT_EQ(root.find("ratio")->number, 0.5);
  EXPECT_TRUE(root.find("on")->boolean);
  EXPECT_EQ(root.find("day")->kind, NodeKind::kTime);
  EXPECT_EQ(root.find("day")->text, "1979-05-27");
  const Node* list = root.find("list");
  ASSERT_EQ(list->elements.size(), 2U);
  EXPECT_EQ(list->elements[1].elements[1].integer, 2);
  EXPECT_EQ(list->elements[1].elements[1].line, 6U);
  EXPECT_EQ(list->elements[1].elements[1].column, 18U);
  EXPECT_EQ(root.find("none"), nullptr);
}

TEST(Toml, KeepsTheWrittenOrderAndPlacesTablesAtTheirHeaders) {
  const Node root = root_of("y = 1\nb = 2\n\n[[rules]]\nid = 'q'\n  [[rules.lists]]\n  x = 1\n");
  ASSERT_EQ(root.members.size(), 3U);
  EXPECT_EQ(root.members[0].key, "y");
  EXPECT_EQ(root.members[1].key, "b");
  const Node* rules = root.find("rules");
  ASSERT_EQ(rules->elements.size(), 1U);
  EXPECT_EQ(rules->elements[0].line, 4U);
  EXPECT_EQ(rules->elements[0].find("lists")->elements[0].line, 6U);
}

TEST(Toml, SaysWhereATextIsWrong) {
  const Result<Document> document = parse("a = 1\nb = = 2\n", {});
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->errors.size(), 1U);
  EXPECT_EQ(document->errors[0].line, 2U);
  EXPECT_FALSE(document->errors[0].message.empty());
  EXPECT_FALSE(parse("a = 1\na = 2\n", {})->errors.empty());
}

TEST(Toml, TellsLettersFromBlanks) {
  EXPECT_FALSE(parse("f = \u03da\n", {})->errors.empty());
  EXPECT_EQ(root_of("f = \"\"\"a\\\n  \u03da\"\"\"\n").find("f")->text, "a\u03da");
}

TEST(Toml, BoundsSizeDepthValuesAndParts) {
  const Limits limits{.depth_max = 3, .values_max = 10, .file_bytes_max = 100};
  EXPECT_EQ(parse(std::string(101, '#'), limits).error().code, ErrorCode::kLimit);
  EXPECT_EQ(parse("a = [[[[1]]]]", limits).error().code, ErrorCode::kLimit);
  EXPECT_TRUE(parse("a = [[1]]", limits).has_value());
  EXPECT_EQ(parse("a = [1,2,3,4,5,6,7,8,9,0]", limits).error().code, ErrorCode::kLimit);
  std::string key = "a";
  for (std::size_t part = 0; part < kKeyPartsMax; ++part) key += " . 'b#'";
  EXPECT_EQ(parse(key + " = 1", {}).error().code, ErrorCode::kLimit);
  EXPECT_TRUE(parse("a = '" + key + "'", {}).has_value());
  std::string deep = "a = ";
  for (int i = 0; i < 100000; ++i) deep += '[';
  EXPECT_FALSE(parse(deep, {})->errors.empty());
}

}  // namespace
}  // namespace vedette::formats::toml
