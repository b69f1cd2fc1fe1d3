// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/alert.h"
#include "event/source.h"

namespace vedette::event {

struct RuleHits {
  const RuleInfo* rule = nullptr;
  std::uint64_t hits = 0;
  std::uint64_t evaluations = 0;  // times the rule's condition was run; only with profiling
  std::uint64_t nanoseconds = 0;  // in the rule's condition; only with profiling
};

// Rules that were refused for like reasons.
struct RefusalGroup {
  std::uint64_t count = 0;
  Diagnostic first;  // where the first of them was refused, and why
};

// What a run did, handed to every sink at its end.
struct Summary {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t skipped = 0;         // records that could not be decoded
  std::uint64_t lost = 0;            // events that a live source had no room for
  std::uint64_t unknown_source = 0;  // events that no log source claims
  std::uint64_t alerts = 0;
  std::uint64_t rules_loaded = 0;
  std::uint64_t rules_refused = 0;
  std::uint64_t correlation_evictions = 0;  // groups forgotten because --state-max was reached
  std::uint64_t correlation_late = 0;  // events behind the watermark, not counted by correlations
  double seconds = 0;                  // reading, matching and writing
  double load_seconds = 0;             // rules
  bool interrupted = false;
  std::shared_ptr<const void> rule_set;  // keeps alive what RuleHits::rule points to
  std::vector<RuleHits> rules;           // those with hits, or all with profiling; most hits first
  std::vector<RefusalGroup> refusals;    // most rules first
  std::vector<InputReport> inputs;
};

// Where alerts go. Called by one thread at a time, in the order of inputs and records.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(const Alert& alert) = 0;
  // Called once, also after Ctrl-C.
  virtual Result<void> finish(const Summary& summary) = 0;
  // Whether Alert::event is looked at; it costs a second decoding of each event that matched.
  virtual bool wants_event() const { return false; }
  // Whether Alert::matched, roles and time are looked at; a bare list of matches needs none of
  // them.
  virtual bool wants_details() const { return true; }
  // Whether Alert::output_fields is looked at; the fields are decoded for it.
  virtual bool wants_output_fields() const { return false; }
};

}  // namespace vedette::event
