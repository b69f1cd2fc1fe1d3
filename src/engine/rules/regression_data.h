// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"

// SigmaHQ's regression_data: for a rule a folder with info.yml, recorded events as EVTX, and beside
// it the same events as JSON.
namespace vedette::engine {

struct RegressionSample {
  std::string rule_id;
  std::string info_file;
  std::string name;
  std::vector<std::string> files;  // the .evtx, then the .json where there is one
  // Alerts that the rule must raise on each file; absent: at least one.
  std::optional<std::uint64_t> match_count;
};

// All samples below `folder` (a regression_data). What cannot be run (another type of sample, a
// missing file, an info.yml that cannot be read) goes to `notes`, one diagnostic for each sample.
Result<std::vector<RegressionSample>> read_regression_data(const std::string& folder,
                                                           const Limits& limits,
                                                           std::vector<Diagnostic>& notes);

}  // namespace vedette::engine
