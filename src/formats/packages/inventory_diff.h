// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/packages/inventory.h"

namespace vedette::formats::packages {

enum class ChangeKind : std::uint8_t { kAdded, kRemoved, kUpgraded, kDowngraded };
inline constexpr std::array<std::string_view, 4> kChangeNames = {"added", "removed", "upgraded",
                                                                 "downgraded"};

struct PackageChange {
  ChangeKind kind = ChangeKind::kAdded;
  Ecosystem ecosystem = Ecosystem::kNone;
  std::string name;
  std::string before;  // version; empty where it is added
  std::string after;   // empty where it is removed
  std::string purl;    // of what is there now, else of what was there
};

struct InventoryDiff {
  std::vector<PackageChange> changes;  // by ecosystem, name and version
  std::uint64_t unchanged = 0;
};

// What changed from one inventory to another. A package is one by ecosystem and name, whatever file
// names it, for whatever architecture or release of a distribution; of one in several versions what
// is in both is left out, and of the rest the lowest becomes the lowest. What the project itself is
// (Relation::kRoot) does not count.
InventoryDiff compare_inventories(const std::vector<PackageFile>& before,
                                  const std::vector<PackageFile>& after);

}  // namespace vedette::formats::packages
