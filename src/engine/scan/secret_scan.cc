// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/secret_scan.h"

#include <chrono>
#include <utility>

#include "engine/scan/change_scan.h"
#include "engine/scan/file_scan.h"
#include "engine/scan/history_scan.h"
#include "engine/scan/ordered_findings.h"
#include "engine/scan/tracked_files.h"
#include "ingest/file_walk.h"
#include "scan/baseline.h"

namespace vedette::engine {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Result<std::optional<scan::Baseline>> load_baseline(const SecretScanOptions& options,
                                                    event::ScanSummary& summary) {
  if (options.baseline.empty()) return std::nullopt;
  Result<scan::Baseline> baseline = scan::Baseline::read(options.baseline);
  if (!baseline && baseline.error().code == ErrorCode::kNotFound &&
      options.baseline_use == BaselineUse::kUpdate) {
    return scan::Baseline();
  }
  if (!baseline) return std::unexpected(std::move(baseline).error());
  summary.problems.insert(summary.problems.end(), baseline->problems().begin(),
                          baseline->problems().end());
  return std::move(*baseline);
}

Result<std::shared_ptr<const rules::secret::SecretProgram>> load_rules(
    const SecretScanOptions& options, event::ScanSummary& summary) {
  const WorkTurn turn(options.slots);
  return load_secret_rules(options.rules, summary);
}

std::unique_ptr<ResultCache> open_cache(
    const SecretScanOptions& options,
    const std::shared_ptr<const rules::secret::SecretProgram>& program,
    std::vector<Diagnostic>& problems) {
  // Changes are small, and new each time.
  if (options.kind != TargetKind::kFiles && options.kind != TargetKind::kHistory) return nullptr;
  return ResultCache::open(options.cache, {options.scanner, options.file_bytes_max, options.limits},
                           program, problems);
}

Result<event::ScanSummary> scan_all(const SecretScanOptions& options, event::FindingSink& sink,
                                    const std::atomic<bool>& stop,
                                    const std::function<void(const ScanProgress&)>& on_progress) {
  event::ScanSummary summary;
  summary.scanner = "secrets";
  summary.targets = options.targets.size();
  auto begin = std::chrono::steady_clock::now();
  TRY(const auto program, load_rules(options, summary));
  summary.rule_set = program;
  summary.load_seconds = seconds_since(begin);
  begin = std::chrono::steady_clock::now();
  if (options.targets.empty())
    return failure(ErrorCode::kInvalid, "expected files, folders or - to scan, found none");
  TRY(std::optional<scan::Baseline> baseline, load_baseline(options, summary));
  const std::unique_ptr<ResultCache> cache = open_cache(options, program, summary.problems);
  OrderedFindings findings(sink, baseline ? &*baseline : nullptr, options.baseline_use);
  switch (options.kind) {
    case TargetKind::kFiles: {
      ingest::IgnoreOptions ignore = options.ignore;
      ignore.list_tracked = list_tracked_files;
      TRY(const auto walk, ingest::FileWalk::create(options.targets, std::move(ignore)));
      scan_files(options, *walk, program, cache.get(), findings, stop, on_progress);
      summary.problems.insert(summary.problems.end(), walk->problems().begin(),
                              walk->problems().end());
      break;
    }
    case TargetKind::kHistory:
      TRY_VOID(scan_histories(options, program, cache.get(), findings, summary, stop, on_progress));
      break;
    case TargetKind::kStaged:
      TRY_VOID(scan_staged(options, program, findings, summary));
      break;
    case TargetKind::kDiff:
      TRY_VOID(scan_diffs(options, program, findings, summary));
      break;
  }
  if (cache != nullptr) {
    if (std::optional<Diagnostic> problem = cache->close())
      summary.problems.push_back(std::move(*problem));
  }
  summary.interrupted = stop.load(std::memory_order_relaxed);
  TRY_VOID(findings.conclude(options.file_bytes_max, summary));
  summary.seconds = seconds_since(begin);
  TRY_VOID(sink.finish(summary));
  if (baseline && options.baseline_use == BaselineUse::kUpdate) {
    for (const event::Finding& finding : findings.news()) baseline->add(finding);
    TRY_VOID(baseline->write(options.baseline));
  }
  return summary;
}

}  // namespace

Result<event::ScanSummary> scan_secrets(
    const SecretScanOptions& options, event::FindingSink& sink, const std::atomic<bool>& stop,
    const std::function<void(const ScanProgress&)>& on_progress) {
  if (!options.verify.enabled) return scan_all(options, sink, stop, on_progress);
  Verifier verifier(sink, options.verify, ask_over_https(options.verify), stop);
  SecretScanOptions watched = options;
  watched.scanner.watcher = &verifier;
  return scan_all(watched, verifier, stop, on_progress);
}

}  // namespace vedette::engine
