// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/dependent_tree.h"

#include <string>
#include <unordered_map>
#include <utility>

#include "formats/packages/purl.h"

namespace vedette::scan::vulnerabilities {

using event::FindingDependent;
using formats::packages::Package;
using formats::packages::PackageFile;

namespace {

using Indices = std::vector<std::uint32_t>;

std::vector<Indices> dependents_of(const std::vector<Package>& packages) {
  std::vector<Indices> dependents(packages.size());
  for (std::uint32_t i = 0; i < packages.size(); ++i) {
    for (const std::uint32_t need : packages[i].needs) {
      if (need < dependents.size() && need != i) dependents[need].push_back(i);
    }
  }
  return dependents;
}

// In preorder, without recursion; each package is gone into once, so that circles end.
std::vector<FindingDependent> tree_of(std::uint32_t package, const std::vector<Package>& packages,
                                      const std::vector<Indices>& dependents) {
  std::vector<FindingDependent> tree;
  std::vector<bool> seen(packages.size());
  seen[package] = true;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open;  // package, depth
  const auto push = [&](std::uint32_t of, std::uint32_t depth) {
    for (auto at = dependents[of].rbegin(); at != dependents[of].rend(); ++at)
      open.emplace_back(*at, depth);
  };
  push(package, 0);
  while (!open.empty()) {
    const auto [at, depth] = open.back();
    open.pop_back();
    if (tree.size() == kDependentsMax) {
      tree.push_back({depth, std::to_string(open.size() + 1) + " more", true});
      break;
    }
    const Package& one = packages[at];
    const bool is_known = seen[at] && !dependents[at].empty();
    const bool is_cut = is_known || (depth == kDependentDepthMax && !dependents[at].empty());
    tree.push_back({depth, one.version.empty() ? one.name : one.name + ' ' + one.version, is_cut});
    seen[at] = true;
    if (!is_cut) push(at, depth + 1);
  }
  return tree;
}

}  // namespace

void add_dependents(const std::vector<PackageFile>& files, std::vector<event::Finding>& findings) {
  std::unordered_map<std::string, std::vector<FindingDependent>> trees;
  for (const event::Finding& finding : findings) {
    if (finding.vulnerability) trees.try_emplace(finding.vulnerability->purl);
  }
  for (const PackageFile& file : files) {
    const std::vector<Package>& packages = file.list.packages;
    std::vector<Indices> dependents;
    for (std::uint32_t i = 0; i < packages.size(); ++i) {
      const auto at = trees.find(formats::packages::purl_of(packages[i]));
      if (at == trees.end() || !at->second.empty()) continue;
      if (dependents.empty()) dependents = dependents_of(packages);
      at->second = tree_of(i, packages, dependents);
    }
  }
  for (event::Finding& finding : findings) {
    if (finding.vulnerability)
      finding.vulnerability->dependents = trees[finding.vulnerability->purl];
  }
}

}  // namespace vedette::scan::vulnerabilities
