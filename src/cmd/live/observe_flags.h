// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/command_line.h"
#include "engine/observe/observation.h"

namespace vedette::cmd {

// The flags of `watch` that observe besides rules, and of `profile`.
struct ObserveFlags {
  std::string usage;
  std::string learn;  // a duration
  std::string profile;
  std::string seccomp;
  std::string network_policy;

  // Rows that fill this object, which must stay where it is.
  std::vector<Flag> rows();
  // Whether the flags go together.
  Result<void> check() const;
};

Flag seccomp_flag(std::string& target);
Flag network_policy_flag(std::string& target);

// Writes what was observed and prints remarks on stderr. `observation` may be null.
Result<void> finish_observation(engine::Observation* observation);

}  // namespace vedette::cmd
