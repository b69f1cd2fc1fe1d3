// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/inventory_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "formats/packages/purl.h"
#include "formats/versions/version_order.h"

namespace vedette::formats::packages {
namespace {

using Versions = std::map<std::string, const Package*>;  // one package of each

struct Sides {
  Versions before;
  Versions after;
};
using Names = std::map<std::pair<Ecosystem, std::string>, Sides>;

void collect(const std::vector<PackageFile>& files, Versions Sides::* side, Names& names) {
  for (const PackageFile& file : files) {
    for (const Package& package : file.list.packages) {
      if (package.relation == Relation::kRoot) continue;
      (names[{package.ecosystem, package.name}].*side).try_emplace(package.version, &package);
    }
  }
}

std::vector<const Package*> in_order(const Versions& versions, const Versions& without) {
  std::vector<const Package*> packages;
  for (const auto& [version, package] : versions) {
    if (!without.contains(version)) packages.push_back(package);
  }
  std::ranges::stable_sort(packages, [](const Package* a, const Package* b) {
    return versions::compare(a->ecosystem, a->version, b->version) < 0;
  });
  return packages;
}

PackageChange change_of(const Package* before, const Package* after) {
  const Package& now = after != nullptr ? *after : *before;
  PackageChange change;
  change.ecosystem = now.ecosystem;
  change.name = now.name;
  change.purl = purl_of(now);
  if (before != nullptr) change.before = before->version;
  if (after != nullptr) change.after = after->version;
  if (before == nullptr) {
    change.kind = ChangeKind::kAdded;
  } else if (after == nullptr) {
    change.kind = ChangeKind::kRemoved;
  } else {
    change.kind = versions::compare(now.ecosystem, before->version, after->version) > 0
                      ? ChangeKind::kDowngraded
                      : ChangeKind::kUpgraded;
  }
  return change;
}

}  // namespace

InventoryDiff compare_inventories(const std::vector<PackageFile>& before,
                                  const std::vector<PackageFile>& after) {
  Names names;
  collect(before, &Sides::before, names);
  collect(after, &Sides::after, names);
  InventoryDiff diff;
  for (const auto& [name, sides] : names) {
    const std::vector<const Package*> gone = in_order(sides.before, sides.after);
    const std::vector<const Package*> come = in_order(sides.after, sides.before);
    diff.unchanged += sides.after.size() - come.size();
    for (std::size_t i = 0; i < std::max(gone.size(), come.size()); ++i)
      diff.changes.push_back(
          change_of(i < gone.size() ? gone[i] : nullptr, i < come.size() ? come[i] : nullptr));
  }
  return diff;
}

}  // namespace vedette::formats::packages
