// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/file_scan.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ingest/content_reader.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {
namespace {

class FileScan {
 public:
  FileScan(const SecretScanOptions& options, ingest::FileWalk& walk,
           const std::shared_ptr<const rules::secret::SecretProgram>& program, ResultCache* cache,
           OrderedFindings& findings, const std::atomic<bool>& stop,
           const std::function<void(const ScanProgress&)>& on_progress)
      : options_(options),
        walk_(walk),
        program_(program),
        cache_(cache),
        findings_(findings),
        stop_(stop),
        on_progress_(on_progress) {}

  void work() {
    scan::secrets::SecretScanner scanner(program_, options_.scanner);
    ingest::ContentReader reader({options_.file_bytes_max, options_.limits}, shared_);
    ingest::FileWalk::Chunk chunk;
    while (!stop_.load(std::memory_order_relaxed) && walk_.take(chunk)) {
      OrderedFindings::Part part;
      part.number = chunk.number;
      part.skipped = std::move(chunk.skipped);
      scan_chunk(chunk, reader, scanner, part);
      hand_on(std::move(part));
    }
  }

 private:
  void scan_chunk(ingest::FileWalk::Chunk& chunk, ingest::ContentReader& reader,
                  scan::secrets::SecretScanner& scanner, OrderedFindings::Part& part) {
    const WorkTurn turn(options_.slots);
    for (ingest::FileWalk::Entry& entry : chunk.entries) {
      if (stop_.load(std::memory_order_relaxed)) break;
      if (!add_known(chunk, entry, part)) {
        reader.open(chunk, entry);
        scan_file(chunk.path(entry), reader, scanner, part);
      }
      entry.folder = nullptr;
    }
  }

  // Of a file that is as it was.
  bool add_known(const ingest::FileWalk::Chunk& chunk, const ingest::FileWalk::Entry& entry,
                 OrderedFindings::Part& part) {
    if (cache_ == nullptr) return false;
    const auto stamp = ingest::ContentReader::stamp_of(chunk, entry);
    if (!stamp || !cache_->is_settled(*stamp)) return false;
    std::optional<FileResult> known = cache_->find(cache_->key_of_stamp(chunk.path(entry), *stamp));
    if (!known) return false;
    ++part.cached;
    add(std::move(*known), part);
    return true;
  }

  void scan_file(std::string_view path, ingest::ContentReader& reader,
                 scan::secrets::SecretScanner& scanner, OrderedFindings::Part& part) {
    FileResult result;
    const scan::ScanCounts before = scanner.counts();
    std::optional<ResultCache::Key> content_key;
    bool is_known = false;
    ingest::ContentPiece piece;
    while (!stop_.load(std::memory_order_relaxed) && reader.next(piece)) {
      if (piece.skipped) result.skipped.add(*piece.skipped, piece.name, piece.message);
      if (piece.skipped && piece.bytes.empty()) continue;
      if (cache_ != nullptr && reader.is_whole_file() && !piece.skipped) {
        content_key = cache_->key_of_content(path, piece.bytes);
        if (std::optional<FileResult> known = cache_->find(*content_key)) {
          is_known = true;
          result = std::move(*known);
          continue;
        }
      }
      ++result.files;
      result.bytes += piece.bytes.size();
      scan::Content content;
      content.path = piece.name;
      content.bytes = piece.bytes;
      scanner.scan(content, result.findings);
    }
    if (!is_known) result.counts = scanner.counts().since(before);
    part.cached += is_known ? 1 : 0;
    if (cache_ != nullptr) keep(path, reader, result, is_known ? std::nullopt : content_key);
    add(std::move(result), part);
  }

  // What could not be read may be readable next time without a sign of it, and what was broken off
  // is not known.
  void keep(std::string_view path, const ingest::ContentReader& reader, const FileResult& result,
            const std::optional<ResultCache::Key>& content_key) {
    using ingest::SkipReason;
    if (stop_.load(std::memory_order_relaxed)) return;
    if (result.skipped.of(SkipReason::kUnreadable).count != 0 ||
        result.skipped.of(SkipReason::kVanished).count != 0) {
      return;
    }
    if (content_key) cache_->put(*content_key, result);
    if (reader.stamp() && cache_->is_settled(*reader.stamp()))
      cache_->put(cache_->key_of_stamp(path, *reader.stamp()), result);
  }

  void add(FileResult result, OrderedFindings::Part& part) {
    part.files += result.files;
    part.bytes += result.bytes;
    part.skipped.add(result.skipped);
    part.counts += result.counts;
    std::ranges::move(result.findings, std::back_inserter(part.findings));
  }

  void hand_on(OrderedFindings::Part part) {
    const OrderedFindings::Progress progress = findings_.hand_on(std::move(part));
    if (!on_progress_) return;
    const std::unique_lock lock(progress_mutex_, std::try_to_lock);
    if (lock.owns_lock()) {
      on_progress_({walk_.bytes_total(), shared_.bytes_read.load(std::memory_order_relaxed),
                    progress.files, progress.findings});
    }
  }

  const SecretScanOptions& options_;
  ingest::FileWalk& walk_;
  const std::shared_ptr<const rules::secret::SecretProgram>& program_;
  ResultCache* const cache_;
  OrderedFindings& findings_;
  const std::atomic<bool>& stop_;
  const std::function<void(const ScanProgress&)>& on_progress_;
  ingest::ContentReader::Shared shared_;
  std::mutex progress_mutex_;
};

}  // namespace

void scan_files(const SecretScanOptions& options, ingest::FileWalk& walk,
                const std::shared_ptr<const rules::secret::SecretProgram>& program,
                ResultCache* cache, OrderedFindings& findings, const std::atomic<bool>& stop,
                const std::function<void(const ScanProgress&)>& on_progress) {
  FileScan scan(options, walk, program, cache, findings, stop, on_progress);
  const unsigned threads =
      options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&scan] { scan.work(); });
  scan.work();
}

}  // namespace vedette::engine
