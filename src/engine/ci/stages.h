// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/ci/ci_run.h"
#include "engine/scan/worker_slots.h"
#include "event/finding_sink.h"
#include "event/stage.h"
#include "formats/findings/finding_report.h"

namespace vedette::engine {

// What a stage gave.
struct StageOutcome {
  event::StageRecord record;
  std::string json;                         // its report as its users would get it; empty: none
  formats::findings::FindingReport report;  // what `json` says
  KnownIdentities known;                    // of its findings, what was there before the change
  // What changed files had before, and is not found any more. No secrets: who takes one away has
  // not made it harmless.
  std::vector<event::FixedFinding> fixed;
  std::vector<Diagnostic> losses;  // of what was there before
};

// What every stage is given; all outlives the run.
struct StageInput {
  const CiOptions& options;
  const ChangeSet& change;
  StageSlots slots;
  const std::atomic<bool>& stop;
};

// A scanner over a target. The quick ones come first, so that a budget leaves as little as can be.
struct Stage {
  std::string name;
  std::string target;  // of an image
  // Why there is nothing to do; empty: there is.
  std::string idle_reason;
  // Fills the outcome's `json` and record, but for the record's times.
  Result<void> (*run)(const StageInput& input, const std::string& target,
                      StageOutcome& outcome) = nullptr;
  // Fills `known`, `fixed` and `losses` from `report`; null: nothing is known of it.
  Result<void> (*find_known)(const StageInput& input, StageOutcome& outcome) = nullptr;
};

// kInvalid names what is unknown.
Result<std::vector<Stage>> plan_stages(const CiOptions& options, const ChangeSet& change);

}  // namespace vedette::engine
