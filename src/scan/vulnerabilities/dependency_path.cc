// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/dependency_path.h"

#include <algorithm>

namespace vedette::scan::vulnerabilities {
namespace {

using formats::packages::Relation;

constexpr std::size_t kStepsShown = 8;

}  // namespace

DependencyPaths::DependencyPaths(const formats::packages::PackageList& list)
    : list_(list), parents_(list.packages.size(), kNone) {
  // Breadth first, from the project's own packages on, then from what it asks for.
  std::vector<std::uint32_t> queue;
  std::vector<bool> seen(list.packages.size());
  for (const Relation begin : {Relation::kRoot, Relation::kDirect}) {
    for (std::uint32_t i = 0; i < list.packages.size(); ++i) {
      if (list.packages[i].relation != begin || seen[i]) continue;
      seen[i] = true;
      queue.push_back(i);
    }
  }
  for (std::size_t at = 0; at < queue.size(); ++at) {
    for (const std::uint32_t need : list.packages[queue[at]].needs) {
      if (need >= seen.size() || seen[need]) continue;
      seen[need] = true;
      parents_[need] = queue[at];
      queue.push_back(need);
    }
  }
}

std::string DependencyPaths::to(std::uint32_t package) const {
  if (package >= parents_.size() || parents_[package] == kNone) return {};
  std::vector<std::uint32_t> steps;
  for (std::uint32_t at = package; at != kNone; at = parents_[at]) steps.push_back(at);
  std::ranges::reverse(steps);
  std::string out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    // The begin and the end of a long way say most.
    if (steps.size() > kStepsShown && i >= kStepsShown / 2 && i + kStepsShown / 2 < steps.size()) {
      if (i == kStepsShown / 2) out += " > …";
      continue;
    }
    (out += out.empty() ? "" : " > ") += list_.packages[steps[i]].name;
  }
  return out;
}

}  // namespace vedette::scan::vulnerabilities
