// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/history_scan.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/scan/history_cache.h"
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
              const std::atomic<bool>& stop,
              const std::function<void(const ScanProgress&)>& on_progress, HistoryWatch* watch)
      : options_(options),
        history_(history),
        program_(program),
        stop_(stop),
        on_progress_(on_progress),
        watch_(watch) {}

  void run() {
    const unsigned threads = options_.threads != 0
                                 ? options_.threads
                                 : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back([this] { work(); });
    work();
  }

  // After run(): findings with all that is known of their commits, added to what was known before.
  Result<void> conclude(KnownHistory& known) {
    TRY(const auto reader, HistoryReader::create(history_));
    std::vector<HistoryFindings::Found> news = found_.take();
    for (HistoryFindings::Found& found : news) {
      const auto describe = [&](event::FindingPlace& place) {
        if (place.commit) place.commit = history_.describe(place.commit->id, reader->objects());
      };
      describe(found.finding.place);
      std::ranges::for_each(found.finding.also_at, describe);
      if (found.finding.place.commit) found.commit += known.commits;
    }
    HistoryFindings all;
    all.restore(std::move(known.found));
    all.restore(std::move(news));
    known.found = all.take();
    known.commits += static_cast<std::uint32_t>(history_.commits());
    known.files += files_;
    known.bytes += bytes_;
    known.counts += counts_;
    known.skipped.add(skipped_);
    known.tips = history_.tips();
    known.named = history_.named();
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
      WorkTurn turn(options_.slots);
      (*reader)->read(unit, [&](const HistoryBlob& blob) {
        scan_blob(worker, blob);
        turn.give_way();
      });
      tell_progress();
    }
    const std::lock_guard lock(mutex_);
    counts_ += worker.scanner.counts();
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
        if (watch_ != nullptr && finding.identity.starts_with(watch_->identity)) {
          const std::lock_guard lock(watch_->mutex);
          watch_->objects.insert(finding.place.object);
        }
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
  const std::atomic<bool>& stop_;
  const std::function<void(const ScanProgress&)>& on_progress_;
  HistoryWatch* const watch_;  // of the caller; may be null
  std::atomic<std::uint32_t> next_unit_ = 0;
  std::atomic<std::uint64_t> blobs_read_ = 0;
  std::mutex progress_mutex_;

  std::mutex mutex_;  // of all below
  HistoryFindings found_;
  ingest::SkipTally skipped_;
  scan::git::Losses losses_;
  scan::ScanCounts counts_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<Error> error_;
};

class HistoriesScan {
 public:
  HistoriesScan(const SecretScanOptions& options,
                const std::shared_ptr<const rules::secret::SecretProgram>& program,
                ResultCache* cache, const std::atomic<bool>& stop,
                const std::function<void(const ScanProgress&)>& on_progress, HistoryWatch* watch)
      : options_(options),
        program_(program),
        // A part of a history is not what the next scan asks for. What was read before names a few
        // objects only.
        cache_(options.ranges.empty() && !options.all_objects && watch == nullptr ? cache
                                                                                  : nullptr),
        stop_(stop),
        on_progress_(on_progress),
        watch_(watch) {}

  // One repository.
  Result<OrderedFindings::Part> scan(const std::string& target, event::ScanSummary& summary) {
    KnownHistory known;
    TRY(const auto history, plan(target, known));
    const std::uint64_t known_files = known.files;
    HistoryScan scan(options_, *history, program_, stop_, on_progress_, watch_);
    scan.run();
    TRY_VOID(scan.conclude(known));
    known.losses.merge(history->losses());
    known.losses.merge(scan.losses());
    losses_.merge(known.losses);
    summary.commits += known.commits;
    summary.problems.insert(summary.problems.end(), history->problems().begin(),
                            history->problems().end());
    // What a shallow clone lacks may come below its tips.
    const bool is_lasting = known.losses.is_lasting() && history->problems().empty() &&
                            history->repository().shallow.empty() &&
                            !stop_.load(std::memory_order_relaxed);
    if (cache_ != nullptr && is_lasting)
      keep_history(*cache_, history->repository().common_folder, known);
    OrderedFindings::Part part;
    for (HistoryFindings::Found& found : known.found)
      part.findings.push_back(std::move(found.finding));
    part.files = known.files;
    part.bytes = known.bytes;
    part.cached = known_files;
    part.skipped = std::move(known.skipped);
    part.counts = known.counts;
    return part;
  }
  const scan::git::Losses& losses() const { return losses_; }

 private:
  // Leaves in `known` what need not be read again.
  Result<std::unique_ptr<const History>> plan(const std::string& target, KnownHistory& known) {
    const WorkTurn turn(options_.slots);
    scan::git::HistoryOptions plan;
    plan.repository = target;
    plan.ranges = options_.ranges;
    plan.all_objects = options_.all_objects;
    plan.content_bytes_max = options_.file_bytes_max;
    if (cache_ != nullptr) {
      TRY(const auto repository, formats::git::open_repository(target));
      known = find_history(*cache_, repository.common_folder).value_or(KnownHistory());
      plan.known = known.tips;
      plan.missing = known.losses.missing();
      plan.named = known.named;
    }
    Result<std::unique_ptr<const History>> history = History::plan(plan, stop_);
    if (!history || (*history)->known_holds()) return history;
    known = {};
    plan.known.clear();
    plan.missing.clear();
    plan.named.clear();
    return History::plan(plan, stop_);
  }

  const SecretScanOptions& options_;
  const std::shared_ptr<const rules::secret::SecretProgram>& program_;
  ResultCache* const cache_;
  const std::atomic<bool>& stop_;
  const std::function<void(const ScanProgress&)>& on_progress_;
  HistoryWatch* const watch_;  // of the caller; may be null
  scan::git::Losses losses_;
};

}  // namespace

Result<void> scan_histories(const SecretScanOptions& options,
                            const std::shared_ptr<const rules::secret::SecretProgram>& program,
                            ResultCache* cache, OrderedFindings& findings,
                            event::ScanSummary& summary, const std::atomic<bool>& stop,
                            const std::function<void(const ScanProgress&)>& on_progress,
                            HistoryWatch* watch) {
  HistoriesScan scan(options, program, cache, stop, on_progress, watch);
  std::uint64_t number = 0;
  for (const std::string& target : options.targets) {
    TRY(OrderedFindings::Part part, scan.scan(target, summary));
    part.number = number++;
    findings.hand_on(std::move(part));
  }
  summary.skipped = scan.losses().skipped();
  return {};
}

}  // namespace vedette::engine
