// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/secret_scan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/file.h"
#include "ingest/content_source.h"
#include "rules/secret/gitleaks.h"
#include "rules/secret/program.h"
#include "scan/baseline.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {
namespace {

using Piece = ingest::ContentSource::Piece;
using Kind = ingest::ContentSource::Kind;

// What a thread takes at once: small files together, so that the lock is not what they wait for.
constexpr std::size_t kChunkFiles = 64;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool is_below_git_folder(std::string_view path) {
  return path.starts_with(".git/") || path.find("/.git/") != std::string_view::npos;
}

// The targets' files, sorted within each target.
Result<std::vector<std::string>> list_targets(const std::vector<std::string>& targets,
                                              std::vector<Diagnostic>& skipped) {
  if (targets.empty())
    return failure(ErrorCode::kInvalid, "expected files, folders or - to scan, found none");
  std::vector<std::string> files;
  for (const std::string& target : targets) {
    if (target == "-") {
      files.push_back(target);
      continue;
    }
    // A target that was named is scanned also where it lies below a .git folder.
    const bool inside = is_below_git_folder(target + "/");
    TRY(std::vector<std::string> found, list_files(target, {}, &skipped));
    for (std::string& file : found) {
      if (!inside && is_below_git_folder(file)) continue;
      files.push_back(file.starts_with("./") ? file.substr(2) : std::move(file));
    }
  }
  return files;
}

// Contents that one thread scans, and what it found.
struct Chunk {
  std::uint64_t number = 0;
  std::vector<Piece> pieces;
  std::vector<event::Finding> findings;
};

// Kinds of what was passed over, with their counts.
class SkippedCounter {
 public:
  void add(std::string reason, const Piece& piece, bool loss) {
    event::Skipped& kind = by_reason_[reason];
    kind.reason = std::move(reason);
    kind.loss = loss;
    ++kind.count;
    if (kind.examples.size() == event::Skipped::kExamplesKept) return;
    kind.examples.push_back(piece.problem.value_or(
        Diagnostic{DiagnosticKind::kWarning, {piece.name, 0, 0, 0}, "", ""}));
  }
  std::vector<event::Skipped> take() {
    std::vector<event::Skipped> kinds;
    for (auto& [reason, kind] : by_reason_) kinds.push_back(std::move(kind));
    std::ranges::stable_sort(kinds, std::ranges::greater(), &event::Skipped::count);
    return kinds;
  }

 private:
  std::map<std::string, event::Skipped> by_reason_;
};

class Run {
 public:
  Run(const SecretScanOptions& options, const std::vector<std::string>& files,
      std::shared_ptr<const rules::secret::SecretProgram> program, const scan::Baseline* baseline,
      event::FindingSink& sink, const std::atomic<bool>& stop,
      const std::function<void(const ScanProgress&)>& on_progress)
      : options_(options),
        program_(std::move(program)),
        baseline_(baseline),
        sink_(sink),
        stop_(stop),
        on_progress_(on_progress),
        source_(files, {options.file_bytes_max, options.limits}) {}

  // Told for the first time, with BaselineUse::kUpdate.
  const std::vector<event::Finding>& news() const { return news_; }

  Result<void> run(event::ScanSummary& summary) {
    const unsigned threads = options_.threads != 0
                                 ? options_.threads
                                 : std::max(1U, std::thread::hardware_concurrency());
    {
      std::vector<std::jthread> workers;
      for (unsigned i = 1; i < threads; ++i) workers.emplace_back([this] { work(); });
      work();
    }
    summary.files = files_;
    summary.bytes = bytes_;
    summary.findings = findings_;
    summary.in_baseline = in_baseline_;
    summary.allowed = counts_.allowed;
    summary.below_confidence = counts_.below_confidence;
    summary.skipped = skipped_.take();
    summary.interrupted = stop_.load(std::memory_order_relaxed);
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  bool take(Chunk& chunk) {
    const std::lock_guard lock(source_mutex_);
    chunk.pieces.clear();
    chunk.findings.clear();
    chunk.number = next_number_;
    std::size_t bytes = 0;
    while (chunk.pieces.size() < kChunkFiles && bytes < kChunkBytes &&
           !stop_.load(std::memory_order_relaxed)) {
      Piece piece;
      if (!source_.next(piece)) break;
      bytes += piece.bytes.size();
      chunk.pieces.push_back(std::move(piece));
    }
    if (chunk.pieces.empty()) return false;
    ++next_number_;
    return true;
  }

  void work() {
    scan::secrets::SecretScanner scanner(program_, {options_.probability_min});
    Chunk chunk;
    while (take(chunk)) {
      for (const Piece& piece : chunk.pieces) {
        if (piece.kind != Kind::kText) continue;
        scan::Content content;
        content.path = piece.name;
        content.bytes = piece.bytes;
        scanner.scan(content, chunk.findings);
      }
      hand_on(chunk);
    }
    const std::lock_guard lock(output_mutex_);
    counts_.allowed += scanner.counts().allowed;
    counts_.below_confidence += scanner.counts().below_confidence;
  }

  void hand_on(Chunk& chunk) {
    const std::lock_guard lock(output_mutex_);
    for (Piece& piece : chunk.pieces) {
      bytes_ += piece.bytes.size();
      piece.bytes = {};
    }
    waiting_.emplace(chunk.number, std::move(chunk));
    chunk = {};
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_written_;
         first = waiting_.erase(first), ++next_written_) {
      write(first->second);
    }
    if (on_progress_)
      on_progress_({source_.bytes_total(), source_.bytes_read(), files_, findings_});
  }

  void write(const Chunk& chunk) {
    for (const Piece& piece : chunk.pieces) {
      switch (piece.kind) {
        case Kind::kText:
          ++files_;
          if (piece.problem) skipped_.add("damaged: read up to the damage", piece, true);
          break;
        case Kind::kBinary:
          skipped_.add("binary", piece, false);
          break;
        case Kind::kTooLarge:
          skipped_.add(fmt::format("larger than {} MiB", options_.file_bytes_max >> 20), piece,
                       true);
          break;
        case Kind::kFailed:
          skipped_.add("could not be read", piece, true);
          break;
      }
    }
    for (const event::Finding& finding : chunk.findings) {
      if (error_) return;
      if (baseline_ != nullptr && baseline_->holds(finding)) {
        ++in_baseline_;
        continue;
      }
      if (baseline_ != nullptr && options_.baseline_use == BaselineUse::kUpdate)
        news_.push_back(finding);
      ++findings_;
      if (const Result<void> written = sink_.write(finding); !written) error_ = written.error();
    }
  }

  const SecretScanOptions& options_;
  const std::shared_ptr<const rules::secret::SecretProgram> program_;
  const scan::Baseline* const baseline_;  // outlives this; null: none
  event::FindingSink& sink_;
  const std::atomic<bool>& stop_;
  const std::function<void(const ScanProgress&)>& on_progress_;

  std::mutex source_mutex_;  // of source_ and next_number_
  ingest::ContentSource source_;
  std::uint64_t next_number_ = 0;

  std::mutex output_mutex_;  // of all below
  std::map<std::uint64_t, Chunk> waiting_;
  std::uint64_t next_written_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t findings_ = 0;
  std::uint64_t in_baseline_ = 0;
  std::vector<event::Finding> news_;  // for the baseline
  scan::ScanCounts counts_;
  SkippedCounter skipped_;
  std::optional<Error> error_;
};

Result<std::shared_ptr<const rules::secret::SecretProgram>> load_program(
    const SecretScanOptions& options, event::ScanSummary& summary) {
  std::vector<std::string> files;
  for (const std::string& pack : options.packs) {
    TRY(const std::vector<std::string> found, list_files(pack, {".toml"}, &summary.problems));
    if (found.empty()) {
      return failure(ErrorCode::kNotFound,
                     fmt::format("expected rules in {}, found no file *.toml", pack));
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  rules::secret::LoadOptions load;
  load.default_pack = options.default_pack;
  load.limits = options.limits;
  if (options.packs_are_ours) load.expressions = rules::secret::Expressions::kTrust;
  auto program = rules::secret::SecretProgram::compile(rules::secret::load(files, load));
  const rules::secret::SecretRuleSet& rules = program->rules();
  summary.rules_loaded = rules.rules.size();
  summary.rules_refused = rules.refused;
  summary.problems.insert(summary.problems.end(), rules.problems.begin(), rules.problems.end());
  if (rules.rules.empty()) {
    return failure(
        ErrorCode::kInvalid,
        rules.problems.empty()
            ? "expected rules for secrets, found none; name a pack with --rules"
            : fmt::format("no rule could be loaded: {}: {}",
                          to_string(rules.problems.front().place), rules.problems.front().message));
  }
  return program;
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

}  // namespace

Result<event::ScanSummary> scan_secrets(
    const SecretScanOptions& options, event::FindingSink& sink, const std::atomic<bool>& stop,
    const std::function<void(const ScanProgress&)>& on_progress) {
  event::ScanSummary summary;
  summary.scanner = "secrets";
  summary.targets = options.targets.size();
  auto begin = std::chrono::steady_clock::now();
  TRY(const auto program, load_program(options, summary));
  summary.rule_set = program;
  summary.load_seconds = seconds_since(begin);
  begin = std::chrono::steady_clock::now();
  TRY(const std::vector<std::string> files, list_targets(options.targets, summary.problems));
  TRY(std::optional<scan::Baseline> baseline, load_baseline(options, summary));
  Run run(options, files, program, baseline ? &*baseline : nullptr, sink, stop, on_progress);
  TRY_VOID(run.run(summary));
  summary.seconds = seconds_since(begin);
  TRY_VOID(sink.finish(summary));
  if (baseline && options.baseline_use == BaselineUse::kUpdate) {
    for (const event::Finding& finding : run.news()) baseline->add(finding);
    TRY_VOID(baseline->write(options.baseline));
  }
  return summary;
}

}  // namespace vedette::engine
