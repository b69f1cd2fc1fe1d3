// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/model_scan.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/mapped_file.h"
#include "engine/scan/ordered_findings.h"
#include "ingest/file_walk.h"
#include "scan/models/model_scanner.h"
#include "scan/secrets/judge.h"
#include "scan/secrets/masked_text.h"

namespace vedette::engine {
namespace {

// Read whole up to this, mapped beyond.
constexpr std::size_t kCopiedMax = std::size_t{4} << 20;

// Gives back the pages of a large file while it is looked at, so that memory does not grow with
// what is read of it.
class PageReturn {
 public:
  // `file` outlives this.
  explicit PageReturn(const MappedFile& file) : file_(file) {
    if (file.bytes().size() > kResidentMax)
      thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }

 private:
  static constexpr std::uint64_t kResidentMax = std::uint64_t{24} << 20;
  static constexpr auto kStep = std::chrono::milliseconds(2);

  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, stop, kStep, [] { return false; }) && !stop.stop_requested())
      file_.release_above(kResidentMax);
  }

  const MappedFile& file_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it ends before what it uses
};

ingest::SkipReason reason_of(scan::models::ModelLoss::Kind kind) {
  switch (kind) {
    case scan::models::ModelLoss::Kind::kLimit:
      return ingest::SkipReason::kArchiveLimit;
    case scan::models::ModelLoss::Kind::kDamaged:
      return ingest::SkipReason::kDamaged;
    case scan::models::ModelLoss::Kind::kSealed:
      return ingest::SkipReason::kSealed;
  }
  return ingest::SkipReason::kDamaged;
}

// Masks secrets in texts that models hold. The rules are only loaded for a text that may hold one.
class CallMask {
 public:
  explicit CallMask(const SecretRulesOptions& options) : options_(options) {}

  Result<std::string> mask(std::string_view text, std::string_view path) {
    if (text.find_first_of("\"'") == std::string_view::npos) return std::string(text);
    if (scanner_ == nullptr) {
      event::ScanSummary unread;
      TRY(auto program, load_secret_rules(options_, unread));
      scanner_ = std::make_unique<scan::secrets::SecretScanner>(
          std::move(program),
          scan::secrets::ScannerOptions{.probability_min = scan::secrets::kProbabilityThorough});
    }
    return scan::secrets::masked_text(text, path, *scanner_);
  }

 private:
  const SecretRulesOptions& options_;
  std::unique_ptr<scan::secrets::SecretScanner> scanner_;
};

class MaskingSink final : public event::FindingSink {
 public:
  MaskingSink(event::FindingSink& next, const SecretRulesOptions& options)
      : next_(next), mask_(options) {}

  Result<void> write(const event::Finding& finding) override {
    event::Finding shown = finding;
    TRY(shown.message, mask_.mask(finding.message, finding.place.path));
    TRY(shown.redacted, mask_.mask(finding.redacted, finding.place.path));
    return next_.write(shown);
  }
  Result<void> finish(const event::ScanSummary& summary) override { return next_.finish(summary); }

 private:
  event::FindingSink& next_;
  CallMask mask_;
};

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
        look_at(path, scanner, part);
        entry.folder = nullptr;
      }
      findings_.hand_on(std::move(part));
    }
  }

 private:
  static void look_at(const std::string& path, scan::models::ModelScanner& scanner,
                      OrderedFindings::Part& part) {
    const auto file = MappedFile::open(path, kCopiedMax, MappedFile::Cuts::kSurvived);
    if (!file) return part.skipped.add(ingest::SkipReason::kUnreadable, path, file.error().message);
    const PageReturn pages(*file);
    ++part.files;
    part.bytes += file->bytes().size();
    scanner.scan(path, file->bytes(), part.findings);
    for (const scan::models::ModelLoss& loss : scanner.losses())
      part.skipped.add(reason_of(loss.kind), loss.path, loss.message);
    if (file->was_cut())
      part.skipped.add(ingest::SkipReason::kDamaged, path, "became shorter while it was read");
  }

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
  MaskingSink masking(sink, options.rules);
  OrderedFindings findings(masking, nullptr, BaselineUse::kRead);
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
  CallMask mask(options.rules);
  for (const std::string& target : options.targets) {
    TRY(const MappedFile file, MappedFile::open(target, kCopiedMax, MappedFile::Cuts::kSurvived));
    TRY(const std::string masked, mask.mask(scanner.show(target, file.bytes()), target));
    out += masked;
  }
  return out;
}

}  // namespace vedette::engine
