// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/ubjson.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::formats::models {
namespace {

using std::string_view_literals::operator""sv;

TEST(Ubjson, ReadsTablesAndLists) {
  const UbjsonDocument document = read_ubjson(
      "{i\x01"
      "a[$l#i\x02\0\0\0\x05\xFF\xFF\xFF\xFEi\x01"
      "bSi\x02hii\x01"
      "c[#i\x01{}i\x01"
      "d[TFZ]}"sv);
  ASSERT_TRUE(document.is_whole);
  const UbjsonNode& root = document.nodes.front();
  const UbjsonNode* numbers = document.find(root, "a");
  ASSERT_NE(numbers, nullptr);
  EXPECT_EQ(numbers->count, 2U);
  EXPECT_EQ(ubjson_number(*numbers, 0), 5);
  EXPECT_EQ(ubjson_number(*numbers, 1), -2);
  EXPECT_EQ(ubjson_number(*numbers, 2), 0);
  ASSERT_NE(document.find(root, "b"), nullptr);
  EXPECT_EQ(document.find(root, "b")->bytes, "hi");
  const UbjsonNode* list = document.find(root, "c");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(document.at(list->first)->kind, UbjsonNode::Kind::kTable);
  EXPECT_NE(document.find(root, "d"), nullptr);
  EXPECT_EQ(document.find(root, "e"), nullptr);
}

TEST(Ubjson, BoundsWhatCountsPromise) {
  EXPECT_FALSE(read_ubjson("{i\x01"
                           "a[$l#L\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv)
                   .is_whole);
  EXPECT_FALSE(read_ubjson("[#L\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv).is_whole);
  const UbjsonDocument none = read_ubjson("[$Z#l\x7F\xFF\xFF\xFF"sv);
  EXPECT_TRUE(none.nodes.empty());
  EXPECT_FALSE(read_ubjson(std::string(1000, '[')).is_whole);
  EXPECT_FALSE(read_ubjson("Si\xFF").is_whole);
}

}  // namespace
}  // namespace vedette::formats::models
