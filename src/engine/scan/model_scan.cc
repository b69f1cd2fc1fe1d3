// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/model_scan.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <thread>
#include <utility>

#include "base/mapped_file.h"
#include "engine/scan/ordered_findings.h"
#include "ingest/file_walk.h"
#include "scan/models/model_scanner.h"

namespace vedette::engine {
namespace {

class ModelScan {
 public:
  ModelScan(ingest::FileWalk& walk, const scan::models::ModelRules& rules,
            OrderedFindings& findings, const std::atomic<bool>& stop)
      : walk_(walk), rules_(rules), findings_(findings), stop_(stop) {}

  void work() {
    scan::models::ModelScanner scanner(rules_);
    ingest::FileWalk::Chunk chunk;
    while (!stop_.load(std::memory_order_relaxed) && walk_.take(chunk)) {
      OrderedFindings::Part part;
      part.number = chunk.number;
      part.skipped = std::move(chunk.skipped);
      for (ingest::FileWalk::Entry& entry : chunk.entries) {
        if (stop_.load(std::memory_order_relaxed)) break;
        const std::string path(chunk.path(entry));
        if (const Result<MappedFile> file = MappedFile::open(path)) {
          ++part.files;
          part.bytes += file->bytes().size();
          scanner.scan(path, file->bytes(), part.findings);
        } else {
          part.skipped.add(ingest::SkipReason::kUnreadable, path, file.error().message);
        }
        entry.folder = nullptr;
      }
      findings_.hand_on(std::move(part));
    }
  }

 private:
  ingest::FileWalk& walk_;
  const scan::models::ModelRules& rules_;
  OrderedFindings& findings_;
  const std::atomic<bool>& stop_;
};

}  // namespace

Result<event::ScanSummary> scan_models(const ModelScanOptions& options, event::FindingSink& sink,
                                       const std::atomic<bool>& stop) {
  event::ScanSummary summary;
  summary.scanner = "models";
  summary.targets = options.targets.size();
  const auto begin = std::chrono::steady_clock::now();
  if (options.targets.empty())
    return failure(ErrorCode::kInvalid, "expected files or folders to scan, found none");
  TRY(const auto walk, ingest::FileWalk::create(options.targets, options.ignore));
  const auto rules = std::make_shared<const scan::models::ModelRules>();
  summary.rule_set = rules;
  summary.rules_loaded = rules->size();
  OrderedFindings findings(sink, nullptr, BaselineUse::kRead);
  ModelScan scan(*walk, *rules, findings, stop);
  const unsigned threads =
      options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&scan] { scan.work(); });
    scan.work();
  }
  summary.problems.insert(summary.problems.end(), walk->problems().begin(), walk->problems().end());
  summary.interrupted = stop.load(std::memory_order_relaxed);
  TRY_VOID(findings.conclude(0, summary));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  TRY_VOID(sink.finish(summary));
  return summary;
}

Result<std::string> show_models(const ModelScanOptions& options) {
  std::string out;
  const scan::models::ModelRules rules;
  scan::models::ModelScanner scanner(rules);
  for (const std::string& target : options.targets) {
    TRY(const MappedFile file, MappedFile::open(target));
    out += scanner.show(target, file.bytes());
  }
  return out;
}

}  // namespace vedette::engine
