// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/ci/change_set.h"
#include "engine/gate/gate_run.h"
#include "engine/image/image_origin.h"
#include "engine/scan/result_cache.h"
#include "engine/scan/secret_rules.h"
#include "engine/vulnerabilities/vulnerability_finder.h"
#include "event/stage.h"
#include "ingest/ignore_scope.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {

enum class Resume : std::uint8_t {
  kNo,
  kUnfinished,  // only what the last run of the same change left; the rest is as it was found then
};

struct CiOptions {
  ChangeOptions change;
  // Names of stages (ci_stage_names()); empty: all.
  std::vector<std::string> only;
  std::vector<std::string> without;
  std::vector<std::string> images;  // as ImageScanOptions::target
  ImageOrigin origin;
  SecretRulesOptions rules;
  scan::secrets::ScannerOptions scanner;
  VulnerabilityOptions known;  // no database: packages are not judged
  ResultCacheOptions cache;
  ingest::IgnoreOptions ignore;
  GateOptions gate;           // `reports` are judged beside what is found here
  double budget_seconds = 0;  // 0: none
  Resume resume = Resume::kNo;
  unsigned threads = 0;  // that work at once; 0: as many as there are processors
  bool notes_spans = false;
  std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
};

std::vector<std::string> ci_stage_names();

// The report of one stage as `vedette scan` writes it with --format json.
struct StageReport {
  std::string stage;
  std::string target;
  std::string json;
};

struct CiRun {
  ChangeSet change;
  GateRun gate;  // GateReport::stages has all stages
  std::vector<StageReport> reports;
  std::vector<event::StageSpan> spans;
  std::uint64_t spans_lost = 0;
  unsigned slots = 0;
  double seconds = 0;
  bool may_resume = false;  // the unfinished rest is noted for Resume::kUnfinished
};

// Finds what changed, runs every scanner that it concerns as one pool of workers, and judges what
// they find. A stage that fails, or that the budget stops, makes the verdict incomplete. An Error
// where nothing could be begun: a revision that is not there, an unknown stage; without stages
// where the policy is not usable (GateFiles::is_usable()).
Result<std::unique_ptr<CiRun>> run_ci(const CiOptions& options, const std::atomic<bool>& stop);

}  // namespace vedette::engine
