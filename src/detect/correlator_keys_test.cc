// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator_keys.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace vedette::detect {
namespace {

TEST(KeyTable, AgreesWithAMap) {
  std::mt19937 random(3);
  KeyTable table(99);
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> map;
  for (int step = 0; step < 50'000; ++step) {
    const auto owner = static_cast<std::uint32_t>(random() % 3);
    const std::string text(random() % 5 == 0 ? 300 : 1, static_cast<char>(random() % 90));
    const std::string key = text + std::to_string(random() % 50);
    const auto found = map.find({owner, key});
    ASSERT_EQ(table.find(owner, key), found == map.end() ? KeyTable::kNone : found->second);
    if (found != map.end() && random() % 2 == 0) {
      table.erase(found->second);
      map.erase(found);
    } else {
      const KeyTable::Added added = table.add(owner, key);
      ASSERT_EQ(added.is_new, found == map.end());
      if (added.is_new) map[{owner, key}] = added.index;
      ASSERT_EQ(table.text(added.index), key);
      ASSERT_EQ(table.owner(added.index), owner);
    }
    ASSERT_EQ(table.size(), map.size());
  }
  for (const auto& [key, index] : map) ASSERT_EQ(table.find(key.first, key.second), index);
}

TEST(KeyTable, UsesFreedPlacesAgain) {
  KeyTable table(1);
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t index = table.add(0, std::to_string(i)).index;
    table.erase(index);
  }
  EXPECT_EQ(table.index_end(), 1U);
}

}  // namespace
}  // namespace vedette::detect
