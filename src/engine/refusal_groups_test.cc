// SPDX-License-Identifier: Apache-2.0
#include "engine/refusal_groups.h"

#include <gtest/gtest.h>

namespace vedette::engine {
namespace {

TEST(RefusalGroups, ReasonsThatQuoteOtherTextAreAlike) {
  const std::vector<rules::Refusal> refused = {
      {"a.yml", 3, 5, "A", "the modifier 'foo' of 'x|foo' is unknown"},
      {"b.yml", 12, 7, "B", "the placeholder %admins% has no values"},
      {"c.yml", 1, 1, "C", "`rules` lists 70 rules; 64 are the most here"},
      {"d.yml", 9, 7, "D", "the placeholder %servers% has no values"},
      {"e.yml", 2, 2, "E", "`rules` lists 8000 rules; 64 are the most here"},
      {"f.yml", 4, 7, "F", "the placeholder %admins% has no values"},
      {"g.yml", 4, 7, "G", "the rule isn't closed"},
  };
  const auto groups = group_refusals(refused);
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].count, 3U);
  EXPECT_EQ(to_string(groups[0].first.place), "b.yml:12:7");
  EXPECT_EQ(groups[0].first.message, "the placeholder %admins% has no values");
  EXPECT_EQ(groups[1].count, 2U);
  EXPECT_EQ(groups[1].first.place.file, "c.yml");
  EXPECT_EQ(groups[2].first.place.file, "a.yml");
  EXPECT_EQ(groups[3].first.place.file, "g.yml");
  EXPECT_TRUE(group_refusals({}).empty());
}

}  // namespace
}  // namespace vedette::engine
