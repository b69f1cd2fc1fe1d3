// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "engine/batch_worker.h"
#include "engine/compiled_rules.h"
#include "engine/live/watch_run.h"
#include "engine/ordered_output.h"
#include "event/sink.h"

namespace vedette::engine {

// One version of the rules at work: what is compiled, its worker, and the way to the sinks.
class RuleLane {
 public:
  // `sinks` outlive it; `version` names the files that were read.
  RuleLane(std::shared_ptr<const CompiledRules> compiled, std::string version,
           const std::vector<event::Sink*>& sinks, bool every_event);

  // Processes, containers, windows and counts of an earlier version go on here; `earlier` ends.
  void take_over(RuleLane& earlier);

  std::unique_ptr<Work> acquire() { return output_.acquire(); }
  void run(Work& work) { worker_.run(work.batch, work.result); }
  void submit(std::unique_ptr<Work> work) { output_.submit(std::move(work)); }
  Result<void> finish() { return output_.finish(); }

  const CompiledRules& compiled() const { return *compiled_; }
  const std::string& version() const { return version_; }
  std::size_t rules_loaded() const;
  const event::Summary& counts() const { return output_.counts(); }

 private:
  std::shared_ptr<const CompiledRules> compiled_;
  std::string version_;
  const std::vector<event::Sink*>& sinks_;
  Limits limits_;
  BatchWorker worker_;
  OrderedOutput output_;
};

// A name of the contents of these files and folders: sixteen hexadecimal digits.
Result<std::string> version_of_files(const std::vector<std::string>& paths, const Limits& limits);
// Changes when a file below these paths is written, added, removed or exchanged. Cheap: looks at
// the files' status only.
std::uint64_t fingerprint_of_files(const std::vector<std::string>& paths);

// Makes the next version of the rules beside the running one. A rule that was not refused by the
// running version and is by the next one makes the whole fail: a bad file changes nothing.
class RuleReload {
 public:
  // All outlive it.
  RuleReload(const std::vector<event::Sink*>& sinks, bool every_event, const Limits& limits)
      : sinks_(sinks), every_event_(every_event), limits_(limits) {}
  ~RuleReload();

  bool running() const { return thread_.joinable(); }
  void start(const RuleOptions& options, const RuleLane& current);
  // The result, once; nothing while it is not there.
  std::optional<Result<std::unique_ptr<RuleLane>>> take();

 private:
  const std::vector<event::Sink*>& sinks_;
  bool every_event_;
  Limits limits_;
  std::thread thread_;
  std::mutex mutex_;
  std::optional<Result<std::unique_ptr<RuleLane>>> result_;  // guarded by mutex_
};

// Loads and compiles; with `current`, refuses what RuleReload refuses.
Result<std::unique_ptr<RuleLane>> make_lane(const RuleOptions& options, const RuleLane* current,
                                            const std::vector<event::Sink*>& sinks,
                                            bool every_event, const Limits& limits);

}  // namespace vedette::engine
