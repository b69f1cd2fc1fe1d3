// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/scan/secret_rules.h"
#include "engine/scan/worker_slots.h"
#include "event/finding_sink.h"
#include "ingest/ignore_scope.h"

namespace vedette::engine {

struct ModelScanOptions {
  std::vector<std::string> targets;  // files, folders
  ingest::IgnoreOptions ignore;
  // For masking what a call's arguments hold; loaded when the first is shown.
  SecretRulesOptions rules;
  unsigned threads = 0;  // 0: as many as there are processors
  StageSlots slots;      // shared with other scans
};

// Looks at all files of the targets as models, and hands findings to `sink` in the order of targets
// and paths, whatever the number of threads. `stop` ends it early. An Error only where nothing
// could be begun.
Result<event::ScanSummary> scan_models(const ModelScanOptions& options, event::FindingSink& sink,
                                       const std::atomic<bool>& stop);

// What loading each of the targets would do, as Python-like text with all secrets masked.
Result<std::string> show_models(const ModelScanOptions& options);

}  // namespace vedette::engine
