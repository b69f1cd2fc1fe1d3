// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "engine/scan/result_cache.h"
#include "engine/scan/secret_rules.h"
#include "engine/scan/verifier.h"
#include "engine/scan/worker_slots.h"
#include "event/finding_sink.h"
#include "ingest/ignore_scope.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {

enum class BaselineUse : std::uint8_t {
  kRead,    // what it holds is counted, not told; the file must be there
  kUpdate,  // the same, and what is told is added to it; it may be missing
};

// What targets are looked at as.
enum class TargetKind : std::uint8_t {
  kFiles,    // files, folders, "-"
  kHistory,  // repositories: all that their histories hold
  kStaged,   // repositories: what is staged and new
  kDiff,     // unified diffs, or "-": what they add
};

struct SecretScanOptions {
  std::vector<std::string> targets;
  TargetKind kind = TargetKind::kFiles;
  std::vector<std::string> ranges;  // of kHistory, as git writes them; none: everything
  std::string index_file;           // of kStaged; "" for the repository's own
  bool all_objects = false;         // of kHistory: also what no reference leads to
  SecretRulesOptions rules;
  ResultCacheOptions cache;  // of kFiles and whole histories
  scan::secrets::ScannerOptions scanner;
  VerifyOptions verify;
  std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
  std::string baseline;  // file of known findings, see scan/baseline.h; "" for none
  BaselineUse baseline_use = BaselineUse::kRead;
  ingest::IgnoreOptions ignore;  // what a walk over folders passes over
  unsigned threads = 0;          // 0: as many as there are processors
  StageSlots slots;              // shared with other scans
  Limits limits;
};

struct ScanProgress {
  std::uint64_t bytes_total = 0;  // 0: unknown
  std::uint64_t bytes_read = 0;
  std::uint64_t files = 0;
  std::uint64_t findings = 0;
};

// Looks for secrets in all targets and hands findings to `sink` in the order of targets, paths and
// offsets, whatever the number of threads. Folders named .git are left out. `stop` ends it early,
// with what was found so far. An Error only where nothing could be begun: no target, no rule.
Result<event::ScanSummary> scan_secrets(
    const SecretScanOptions& options, event::FindingSink& sink, const std::atomic<bool>& stop,
    const std::function<void(const ScanProgress&)>& on_progress);

}  // namespace vedette::engine
