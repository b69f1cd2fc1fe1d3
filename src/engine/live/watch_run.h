// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/detect_run.h"
#include "engine/live/open_interest.h"
#include "event/sink.h"
#include "event/source.h"
#include "rules/logsource.h"

namespace vedette::engine {

class BatchObserver;
struct Enforcement;

// What a live source need not send because no rule asks for it.
struct Interest {
  struct Call {
    std::uint32_t number = 0;  // x86-64
    bool successes = true;
    bool failures = true;
  };
  // System calls by number, ascending. Processes are followed whatever stands here.
  std::vector<Call> calls;
  // Of open and openat: what is opened for nothing but reading, and what cannot be opened.
  OpenInterest reads = {.everything = true};
  OpenInterest failed_opens = {.everything = true};
  bool flows = false;
  bool dns = false;
  bool tls = false;
  bool calls_seen = false;  // which calls each control group does at all
  // What is to be denied; null: nothing.
  std::shared_ptr<const Enforcement> enforcement;
  std::size_t blocking_rules = 0;  // with `action: block`, whether that is enforced or not
};

// What the loaded rules can match of kernel events, by their conditions on evt.type.
Interest interest_of(const rules::RuleSet& rules, const rules::LogSources& log_sources,
                     bool use_log_sources);
// Everything, for a recording that other rules will read.
Interest whole_interest();

struct WatchOptions {
  RuleOptions rules;
  std::string record;                 // file that the stream is written to as well; "" for none
  bool enforce = false;               // what rules with `action: block` match is denied
  bool record_everything = true;      // also what the loaded rules do not ask for
  std::int64_t lateness_ns = 0;       // correlations wait so long for late events
  std::size_t state_max = 1'000'000;  // as of DetectOptions
  bool profile = false;
  // Sees all batches; may be null, outlives the run. Its alerts are written like those of rules.
  BatchObserver* observer = nullptr;
  Limits limits;
};

using OpenSource = std::function<Result<std::unique_ptr<event::Source>>(const Interest& interest)>;

// Runs rules, none with an empty RuleOptions::rules, over a live source until it ends: one thread
// reads, decodes, matches and writes, batch by batch, in order. Otherwise as detect(). A recording
// is a capture that detect() reads, with the same alerts.
Result<event::Summary> watch(const WatchOptions& options, const OpenSource& open,
                             const std::vector<event::Sink*>& sinks,
                             const std::function<void(const Progress&)>& on_progress);

}  // namespace vedette::engine
