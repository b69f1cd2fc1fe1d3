// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/model_scan.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/mapped_file.h"
#include "engine/scan/model_artifacts.h"
#include "engine/scan/ordered_findings.h"
#include "ingest/file_walk.h"
#include "scan/models/code_beside.h"
#include "scan/models/folder_judge.h"
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

// Of all folders together; further files are judged by themselves only.
constexpr std::size_t kFolderFilesMax = 200'000;
constexpr std::size_t kCodeBesideMax = std::size_t{4} << 20;  // of a module that settings name

class ModelScan {
 public:
  ModelScan(ingest::FileWalk& walk, const scan::models::ModelRules& rules,
            OrderedFindings& findings, const StageSlots& slots, const std::atomic<bool>& stop)
      : walk_(walk),
        rules_(rules),
        findings_(findings),
        slots_(slots),
        stop_(stop),
        artifacts_(rules) {}

  // Once, when all threads are done: blobs that have no name, then what is said of folders.
  void conclude() {
    OrderedFindings::Part part;
    part.number = parts_;
    scan::models::ModelScanner scanner(rules_);
    std::ranges::sort(blobs_);
    for (const std::string& path : blobs_) {
      const auto identity = identity_of(path);
      if (identity && named_.contains(*identity)) continue;
      look_at(path, scanner, part);
    }
    artifacts_.look_at_blobs(
        [&](const ModelArtifacts::Blob& blob) {
          if (!stop_.load(std::memory_order_relaxed)) look_at(blob.path, scanner, part, &blob);
        },
        part.findings);
    const auto exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
    std::ranges::move(scan::models::judge_folders(rules_, std::move(folder_files_), exists),
                      std::back_inserter(part.findings));
    findings_.hand_on(std::move(part));
  }

  void work() {
    scan::models::ModelScanner scanner(rules_);
    ingest::FileWalk::Chunk chunk;
    while (!stop_.load(std::memory_order_relaxed) && walk_.take(chunk)) {
      OrderedFindings::Part part;
      part.number = chunk.number;
      part.skipped = std::move(chunk.skipped);
      look_at_all(chunk, scanner, part);
      {
        const std::scoped_lock lock(mutex_);
        parts_ = std::max(parts_, part.number + 1);
      }
      findings_.hand_on(std::move(part));
    }
  }

 private:
  void look_at_all(ingest::FileWalk::Chunk& chunk, scan::models::ModelScanner& scanner,
                   OrderedFindings::Part& part) {
    const WorkTurn turn(slots_);
    for (ingest::FileWalk::Entry& entry : chunk.entries) {
      if (stop_.load(std::memory_order_relaxed)) break;
      const std::string path(chunk.path(entry));
      if (!waits_for_names(path)) look_at(path, scanner, part);
      entry.folder = nullptr;
    }
  }

  using Identity = std::pair<::dev_t, ::ino_t>;
  static std::optional<Identity> identity_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return Identity(status.st_dev, status.st_ino);
  }

  // Blobs of a Hugging Face cache are looked at by the names that its snapshots give them, and only
  // when all is done those that have none.
  bool waits_for_names(const std::string& path) {
    if (path.find("blobs/sha256") != std::string::npos) {
      const std::scoped_lock lock(mutex_);
      if (artifacts_.note_blob(path)) return true;
    }
    const bool is_named = path.find("snapshots/") != std::string::npos;
    const std::size_t slash = path.rfind('/');
    const bool is_blob = !is_named && slash != std::string::npos &&
                         std::string_view(path).substr(0, slash).ends_with("blobs") &&
                         path.size() - slash > 40 &&
                         path.find_first_not_of("0123456789abcdef", slash + 1) == std::string::npos;
    if (!is_named && !is_blob) return false;
    const std::scoped_lock lock(mutex_);
    if (is_blob && blobs_.size() < kFolderFilesMax) {
      blobs_.push_back(path);
      return true;
    }
    if (is_named && named_.size() < kFolderFilesMax) {
      if (const auto identity = identity_of(path)) named_.insert(*identity);
    }
    return false;
  }

  void note(const std::string& path, const MappedFile& file, bool is_hostile) {
    using formats::models::ShardIndex;
    if (!scan::models::matters_in_folder(path)) return;
    scan::models::FolderFile noted{path, is_hostile, {}};
    ShardIndex index;
    if (ShardIndex::is_name(path) && read_shard_index(path, file.bytes(), index))
      noted.index = std::move(index);
    const std::scoped_lock lock(mutex_);
    if (folder_files_.size() < kFolderFilesMax) folder_files_.push_back(std::move(noted));
  }

  void judge_beside(const std::string& path, const MappedFile& file,
                    std::span<event::Finding> found) {
    if (found.empty() || !scan::models::may_name_code(path)) return;
    const auto read = [&path](std::string_view name) -> std::optional<std::string> {
      const std::string beside = path.substr(0, path.rfind('/') + 1) + std::string(name);
      const auto code = MappedFile::open(beside, kCodeBesideMax, MappedFile::Cuts::kSurvived);
      if (!code || code->bytes().size() > kCodeBesideMax) return std::nullopt;
      return std::string(code->bytes());
    };
    scan::models::judge_code_beside(rules_, path, file.bytes(), read, found);
  }

  void look_at(const std::string& path, scan::models::ModelScanner& scanner,
               OrderedFindings::Part& part, const ModelArtifacts::Blob* blob = nullptr) {
    const auto file = MappedFile::open(path, kCopiedMax, MappedFile::Cuts::kSurvived);
    if (!file) return part.skipped.add(ingest::SkipReason::kUnreadable, path, file.error().message);
    const PageReturn pages(*file);
    ++part.files;
    part.bytes += file->bytes().size();
    const std::size_t before = part.findings.size();
    scanner.scan(blob == nullptr ? path : blob->name(), file->bytes(), part.findings);
    judge_beside(path, *file, std::span(part.findings).subspan(before));
    if (blob != nullptr) {
      judge_blob(rules_, *blob, file->bytes(), part.findings);
    } else if (ModelArtifacts::may_be_manifest(path)) {
      const std::scoped_lock lock(mutex_);
      artifacts_.note_manifest(path, file->bytes(), part.findings);
    }
    note(path, *file,
         std::any_of(part.findings.begin() + static_cast<std::ptrdiff_t>(before),
                     part.findings.end(), [](const event::Finding& finding) {
                       return finding.severity > event::Level::kInformational;
                     }));
    for (const scan::models::ModelLoss& loss : scanner.losses())
      part.skipped.add(reason_of(loss.kind), loss.path, loss.message);
    if (file->was_cut())
      part.skipped.add(ingest::SkipReason::kDamaged, path, "became shorter while it was read");
  }

  ingest::FileWalk& walk_;
  const scan::models::ModelRules& rules_;
  OrderedFindings& findings_;
  const StageSlots slots_;
  const std::atomic<bool>& stop_;
  std::mutex mutex_;  // of the five below
  ModelArtifacts artifacts_;
  std::vector<scan::models::FolderFile> folder_files_;
  std::vector<std::string> blobs_;
  std::set<Identity> named_;  // files of snapshots
  std::uint64_t parts_ = 0;
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
  ModelScan scan(*walk, *rules, findings, options.slots, stop);
  const unsigned threads =
      options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&scan] { scan.work(); });
    scan.work();
  }
  scan.conclude();
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
