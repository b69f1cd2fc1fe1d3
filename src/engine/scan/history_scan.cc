// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/history_scan.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/scan/history_findings.h"
#include "ingest/memory_contents.h"
#include "scan/git/history.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {
namespace {

using scan::git::History;
using scan::git::HistoryBlob;
using scan::git::HistoryReader;

class HistoryScan {
 public:
  HistoryScan(const SecretScanOptions& options, const History& history,
              const std::shared_ptr<const rules::secret::SecretProgram>& program,
              OrderedFindings& findings, const std::atomic<bool>& stop,
              const std::function<void(const ScanProgress&)>& on_progress)
      : options_(options),
        history_(history),
        program_(program),
        findings_(findings),
        stop_(stop),
        on_progress_(on_progress) {}

  void run() {
    const unsigned threads = options_.threads != 0
                                 ? options_.threads
                                 : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back([this] { work(); });
    work();
  }

  // After run(): findings with all that is known of their commits.
  Result<void> conclude(OrderedFindings::Part& part) {
    TRY(const auto reader, HistoryReader::create(history_));
    for (HistoryFindings::Found& found : found_.take()) {
      event::FindingCommit commit = history_.describe(found.commit, reader->objects());
      if (commit.id.empty()) {
        found.finding.place.commit.reset();
      } else {
        found.finding.place.commit = std::move(commit);
      }
      part.findings.push_back(std::move(found.finding));
    }
    part.files += files_;
    part.bytes += bytes_;
    part.skipped.add(skipped_);
    if (error_) return std::unexpected(*error_);
    return {};
  }
  const scan::git::Losses& losses() const { return losses_; }

 private:
  // What one thread has of its own.
  struct Worker {
    scan::secrets::SecretScanner scanner;
    ingest::MemoryContents contents;
    HistoryFindings found;
    ingest::SkipTally skipped;
    std::vector<event::Finding> findings;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
  };

  void work() {
    auto reader = HistoryReader::create(history_);
    if (!reader) {
      const std::lock_guard lock(mutex_);
      error_ = reader.error();
      return;
    }
    Worker worker{
        {program_, options_.scanner}, {options_.file_bytes_max, options_.limits}, {}, {}, {}, 0, 0};
    while (!stop_.load(std::memory_order_relaxed)) {
      const std::uint32_t unit = next_unit_.fetch_add(1, std::memory_order_relaxed);
      if (unit >= history_.units()) break;
      (*reader)->read(unit, [&](const HistoryBlob& blob) { scan_blob(worker, blob); });
      tell_progress();
    }
    findings_.add(worker.scanner.counts());
    const std::lock_guard lock(mutex_);
    found_.merge(std::move(worker.found));
    skipped_.add(worker.skipped);
    losses_.merge((*reader)->losses());
    files_ += worker.files;
    bytes_ += worker.bytes;
  }

  void scan_blob(Worker& worker, const HistoryBlob& blob) {
    const scan::git::Origin origin = history_.origin(blob.number);
    const std::string path = history_.path_of(blob.number);
    worker.contents.open(path, blob.bytes);
    ingest::ContentPiece piece;
    while (worker.contents.next(piece)) {
      if (piece.skipped) worker.skipped.add(*piece.skipped, piece.name, piece.message);
      if (piece.skipped && piece.bytes.empty()) continue;
      ++worker.files;
      worker.bytes += piece.bytes.size();
      event::FindingCommit commit;
      commit.id = history_.commit_id(origin.commit);
      scan::Content content;
      content.path = piece.name;
      content.bytes = piece.bytes;
      content.commit = commit.id.empty() ? nullptr : &commit;
      worker.findings.clear();
      worker.scanner.scan(content, worker.findings);
      for (event::Finding& finding : worker.findings) {
        finding.place.object = history_.object_id(blob.number);
        worker.found.add(origin.commit, std::move(finding));
      }
    }
    blobs_read_.fetch_add(1, std::memory_order_relaxed);
  }

  // In blobs, as their sizes are known only when they are read.
  void tell_progress() {
    if (!on_progress_) return;
    const std::unique_lock lock(progress_mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    const std::uint64_t blobs = blobs_read_.load(std::memory_order_relaxed);
    on_progress_({history_.blobs(), blobs, blobs, 0});
  }

  const SecretScanOptions& options_;
  const History& history_;
  const std::shared_ptr<const rules::secret::SecretProgram>& program_;
  OrderedFindings& findings_;
  const std::atomic<bool>& stop_;
  const std::function<void(const ScanProgress&)>& on_progress_;
  std::atomic<std::uint32_t> next_unit_ = 0;
  std::atomic<std::uint64_t> blobs_read_ = 0;
  std::mutex progress_mutex_;

  std::mutex mutex_;  // of all below
  HistoryFindings found_;
  ingest::SkipTally skipped_;
  scan::git::Losses losses_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<void> scan_histories(const SecretScanOptions& options,
                            const std::shared_ptr<const rules::secret::SecretProgram>& program,
                            OrderedFindings& findings, event::ScanSummary& summary,
                            const std::atomic<bool>& stop,
                            const std::function<void(const ScanProgress&)>& on_progress) {
  scan::git::Losses losses;
  std::uint64_t number = 0;
  for (const std::string& target : options.targets) {
    scan::git::HistoryOptions plan;
    plan.repository = target;
    plan.ranges = options.ranges;
    plan.all_objects = options.all_objects;
    plan.content_bytes_max = options.file_bytes_max;
    TRY(const auto history, History::plan(plan, stop));
    OrderedFindings::Part part;
    part.number = number++;
    HistoryScan scan(options, *history, program, findings, stop, on_progress);
    scan.run();
    TRY_VOID(scan.conclude(part));
    findings.hand_on(std::move(part));
    losses.merge(history->losses());
    losses.merge(scan.losses());
    summary.commits += history->commits();
    summary.problems.insert(summary.problems.end(), history->problems().begin(),
                            history->problems().end());
  }
  summary.skipped = losses.skipped();
  return {};
}

}  // namespace vedette::engine
