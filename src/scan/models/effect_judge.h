// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "formats/models/pickle/machine.h"
#include "scan/models/model_rules.h"
#include "scan/models/pickle_judge.h"

namespace vedette::scan::models {

// What one pickle would do, and what that says of it.
struct JudgedRun {
  formats::models::PickleRun run;
  std::vector<event::Finding> findings;
  bool has_plausible_import = false;  // names as Python's are; random bytes seldom have them
  bool has_extension = false;
  bool breaks_rules = false;
  std::vector<formats::models::ValueId> loaded;  // what a library unpickles
  std::vector<StorageClaim> storages;            // at most kStoragesMax
  static constexpr std::size_t kStoragesMax = 200'000;
};

// Runs the pickle that begins there and judges each effect. `graph` is empty before, and lives on
// the bytes.
JudgedRun judge_run(const ModelRules& rules, std::string_view path, std::string_view bytes,
                    std::size_t begin, formats::models::PickleMachine::RawArrays arrays,
                    formats::models::ValueGraph& graph);

}  // namespace vedette::scan::models
