// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/sink.h"
#include "rules/model.h"

namespace vedette::engine {

// Which of several Falco rules of one source that match an event are reported.
enum class RuleMatching : std::uint8_t { kFirst, kAll };

// Rules as `vedette detect` and `vedette rules` are told of them.
struct RuleOptions {
  std::vector<std::string> rules;  // files and folders
  std::vector<std::string> pipelines;
  std::string variables;  // file of placeholders, "" for none
  std::string content;    // our content/ folder, for logsources/
  event::Level level_min = event::Level::kInformational;
  std::vector<std::string> only;     // ids, names or titles; empty: all
  std::vector<std::string> exclude;  // ids, names, titles or tags
  std::vector<std::string> tags;     // any of them; "attack.t1059" covers "attack.t1059.001"
  bool use_log_sources = true;
  RuleMatching matching = RuleMatching::kFirst;
};

struct DetectOptions {
  RuleOptions rules;
  std::vector<std::string> inputs;                             // files, folders, "-"
  event::RecordFormat format = event::RecordFormat::kUnknown;  // kUnknown: found by content
  bool recover = false;               // EVTX: carve records from damaged files
  unsigned threads = 0;               // 0: as many as there are processors
  std::int64_t lateness_ns = 0;       // correlations wait so long for late events
  std::size_t state_max = 1'000'000;  // correlation groups and values held at most
  bool profile = false;
  Limits limits;
};

struct Progress {
  std::uint64_t bytes_total = 0;  // 0: unknown
  std::uint64_t bytes_read = 0;
  std::uint64_t events = 0;
  std::uint64_t alerts = 0;
};

// Loads rules, reads all inputs, writes alerts to `sinks` in the order of inputs and records, and
// finishes them. Errors: rules or log sources that cannot be read at all, or a sink that fails.
// `stop` may be set from a signal handler: the run ends after the batches at hand, sinks are
// finished. `on_progress` is called from one thread at a time, a few times a second.
Result<event::Summary> detect(const DetectOptions& options, const std::vector<event::Sink*>& sinks,
                              const std::atomic<bool>& stop,
                              const std::function<void(const Progress&)>& on_progress);

// The rules that `options` select, log sources not looked at.
Result<rules::RuleSet> load_rules(const RuleOptions& options, const Limits& limits);

}  // namespace vedette::engine
