// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/rule_lane.h"

#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "engine/run_summary.h"

namespace vedette::engine {
namespace {

constexpr std::size_t kCorrelationStateMax = 200'000;

WorkerOptions lane_options(const std::vector<event::Sink*>& sinks, bool every_event) {
  WorkerOptions options = worker_options(sinks);
  options.every_event = every_event;
  return options;
}

std::string identity_of(const rules::Refusal& refusal) {
  return refusal.file + "\n" + refusal.rule + "\n" + refusal.reason;
}

// The first refusal that the running version does not have.
const rules::Refusal* new_refusal(const rules::RuleSet& next, const rules::RuleSet& current) {
  std::set<std::string> known;
  for (const rules::Refusal& refusal : current.refused) known.insert(identity_of(refusal));
  for (const rules::Refusal& refusal : next.refused) {
    if (!known.contains(identity_of(refusal))) return &refusal;
  }
  return nullptr;
}

}  // namespace

RuleLane::RuleLane(std::shared_ptr<const CompiledRules> compiled, std::string version,
                   const std::vector<event::Sink*>& sinks, bool every_event)
    : compiled_(std::move(compiled)),
      version_(std::move(version)),
      sinks_(sinks),
      worker_(*compiled_->program, compiled_->correlator.get(), limits_,
              lane_options(sinks, every_event)),
      output_(compiled_->rules, compiled_->correlator.get(), sinks, 1) {}

void RuleLane::take_over(RuleLane& earlier) {
  worker_.take_over(earlier.worker_);
  output_.take_over(earlier.output_);
  detect::Correlator* const before = earlier.compiled_->correlator.get();
  if (before == nullptr || compiled_->correlator == nullptr) return;
  compiled_->correlator->take_over(*before, [this](const event::Alert& alert) {
    for (event::Sink* const sink : sinks_) static_cast<void>(sink->write(alert));
  });
}

std::size_t RuleLane::rules_loaded() const {
  return compiled_->rules.rules.size() + compiled_->rules.correlations.size();
}

Result<std::string> version_of_files(const std::vector<std::string>& paths, const Limits& limits) {
  std::uint64_t hash = 0;
  for (const std::string& path : paths) {
    TRY(const std::vector<std::string> files, list_files(path, {".yml", ".yaml"}));
    for (const std::string& file : files) {
      TRY(const std::string text, read_file(file, limits.file_bytes_max));
      hash = hash * 0x9E3779B97F4A7C15ULL + hash_bytes(text);
    }
  }
  return fmt::format("{:016x}", hash);
}

std::uint64_t fingerprint_of_files(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) {
    const auto files = list_files(path, {".yml", ".yaml"});
    if (!files) continue;
    for (const std::string& file : *files) {
      struct stat status{};
      if (::stat(file.c_str(), &status) != 0) continue;
      all += fmt::format("{} {} {} {}.{}\n", file, status.st_ino, status.st_size,
                         status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
  }
  return hash_bytes(all);
}

Result<std::unique_ptr<RuleLane>> make_lane(const RuleOptions& options, const RuleLane* current,
                                            const std::vector<event::Sink*>& sinks,
                                            bool every_event, const Limits& limits) {
  TRY(std::string version, version_of_files(options.rules, limits));
  TRY(std::shared_ptr<const CompiledRules> compiled,
      compile_rules(options, {0, kCorrelationStateMax}, sinks, limits));
  if (current != nullptr) {
    const rules::Refusal* const refusal = new_refusal(compiled->rules, current->compiled().rules);
    if (refusal != nullptr) {
      return failure(ErrorCode::kInvalid, fmt::format("{}:{}:{}: {}", refusal->file, refusal->line,
                                                      refusal->column, refusal->reason));
    }
  }
  return std::make_unique<RuleLane>(std::move(compiled), std::move(version), sinks, every_event);
}

RuleReload::~RuleReload() {
  if (thread_.joinable()) thread_.join();
}

void RuleReload::start(const RuleOptions& options, const RuleLane& current) {
  thread_ = std::thread([this, options, &current] {
    auto made = make_lane(options, &current, sinks_, every_event_, limits_);
    const std::lock_guard lock(mutex_);
    result_ = std::move(made);
  });
}

std::optional<Result<std::unique_ptr<RuleLane>>> RuleReload::take() {
  if (!thread_.joinable()) return std::nullopt;
  std::optional<Result<std::unique_ptr<RuleLane>>> result;
  {
    const std::lock_guard lock(mutex_);
    result.swap(result_);
  }
  if (result) thread_.join();
  return result;
}

}  // namespace vedette::engine
