// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/programme.h"

namespace vedette::engine {

struct BranchRuns {
  std::string branch;
  std::uint64_t runs = 0;
};

// Of which branches of a repository the findings count: those that were asked for, else main,
// master, trunk, develop and the one without a name, else the one with most runs (of equals the
// first).
std::vector<std::string> counted_branches(const std::vector<std::string>& asked,
                                          const std::vector<BranchRuns>& known);

// A run of a release that names no branch is on none: it follows no other run, and none follows it.
bool is_snapshot(const event::ProgrammeRun& run);

}  // namespace vedette::engine
