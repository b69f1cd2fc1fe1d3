// SPDX-License-Identifier: Apache-2.0
#include "engine/history/branches.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace vedette::engine {
namespace {

constexpr std::array<std::string_view, 5> kMainBranches = {"", "main", "master", "trunk",
                                                           "develop"};

}  // namespace

std::vector<std::string> counted_branches(const std::vector<std::string>& asked,
                                          const std::vector<BranchRuns>& known) {
  if (!asked.empty()) return asked;
  std::vector<std::string> names;
  for (const BranchRuns& one : known) {
    if (std::ranges::find(kMainBranches, one.branch) != kMainBranches.end())
      names.push_back(one.branch);
  }
  const auto most = std::ranges::max_element(known, {}, &BranchRuns::runs);
  if (names.empty() && most != known.end()) names.push_back(most->branch);
  return names;
}

bool is_snapshot(const event::ProgrammeRun& run) {
  return run.facts.branch.empty() && !run.facts.release.empty();
}

}  // namespace vedette::engine
