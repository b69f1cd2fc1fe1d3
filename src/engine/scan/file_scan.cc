// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/file_scan.h"

#include <algorithm>
#include <mutex>
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
           const std::shared_ptr<const rules::secret::SecretProgram>& program,
           OrderedFindings& findings, const std::atomic<bool>& stop,
           const std::function<void(const ScanProgress&)>& on_progress)
      : options_(options),
        walk_(walk),
        program_(program),
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
      for (ingest::FileWalk::Entry& entry : chunk.entries) {
        if (stop_.load(std::memory_order_relaxed)) break;
        reader.open(chunk, entry);
        scan_contents(reader, scanner, part);
        entry.folder = nullptr;
      }
      hand_on(std::move(part));
    }
    findings_.add(scanner.counts());
  }

 private:
  void scan_contents(ingest::ContentReader& reader, scan::secrets::SecretScanner& scanner,
                     OrderedFindings::Part& part) {
    ingest::ContentPiece piece;
    while (!stop_.load(std::memory_order_relaxed) && reader.next(piece)) {
      if (piece.skipped) part.skipped.add(*piece.skipped, piece.name, piece.message);
      if (piece.skipped && piece.bytes.empty()) continue;
      ++part.files;
      part.bytes += piece.bytes.size();
      scan::Content content;
      content.path = piece.name;
      content.bytes = piece.bytes;
      scanner.scan(content, part.findings);
    }
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
  OrderedFindings& findings_;
  const std::atomic<bool>& stop_;
  const std::function<void(const ScanProgress&)>& on_progress_;
  ingest::ContentReader::Shared shared_;
  std::mutex progress_mutex_;
};

}  // namespace

void scan_files(const SecretScanOptions& options, ingest::FileWalk& walk,
                const std::shared_ptr<const rules::secret::SecretProgram>& program,
                OrderedFindings& findings, const std::atomic<bool>& stop,
                const std::function<void(const ScanProgress&)>& on_progress) {
  FileScan scan(options, walk, program, findings, stop, on_progress);
  const unsigned threads =
      options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&scan] { scan.work(); });
  scan.work();
}

}  // namespace vedette::engine
