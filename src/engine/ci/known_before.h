// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "engine/ci/stages.h"

// Which findings of a change were there before it: what changed files and those that findings stand
// in had at the base is scanned as it was then, from git's objects, so that nobody must keep a
// report of the base. Each fills StageOutcome::known and StageOutcome::losses; where there is no
// base nothing is known.
namespace vedette::engine {

Result<void> find_secrets_before(const StageInput& input, StageOutcome& outcome);
Result<void> find_vulnerabilities_before(const StageInput& input, StageOutcome& outcome);
Result<void> find_models_before(const StageInput& input, StageOutcome& outcome);

}  // namespace vedette::engine
