// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/alert.h"
#include "rules/model.h"

namespace vedette::detect {

// A match of a base rule, as far as correlations look at it. Views are valid during add() only.
struct BaseMatch {
  std::size_t rule = 0;  // index into RuleSet::rules
  bool has_time = false;
  TimeNs time = 0;
  std::string_view input;
  std::uint64_t record = 0;
  std::uint64_t offset = 0;
  std::string_view host;
  // Values of Correlator::fields_of(rule), in that order; data() == nullptr: the event has no such
  // field.
  std::span<const std::string_view> values;
};

struct CorrelatorOptions {
  TimeNs lateness = 0;  // how long a match may come behind the newest one and still count
  // Matches and distinct values held over all groups, those that wait for lateness included. A
  // group and a waiting match weigh as much as four, a value as two, and 64 bytes of text as one:
  // about 100 bytes each.
  std::size_t state_max = 1'000'000;
};

struct CorrelatorCounts {
  std::uint64_t matches = 0;    // of rules that correlations use
  std::uint64_t late = 0;       // behind the watermark: not counted
  std::uint64_t untimed = 0;    // without event time: not counted
  std::uint64_t evictions = 0;  // groups forgotten because state_max was reached
  // Matches that a correlation could not take, because a group-by or value field was absent or its
  // value was no number; one for each such correlation.
  std::uint64_t incomplete = 0;
  std::uint64_t restarts = 0;  // inputs whose times lay behind the watermark: windows began anew
};

// Runs the correlations of a rule set over its base matches, in event time with sliding windows.
// The semantics are described in docs/correlations.md; in short:
// - Window: at an event of time t a group holds the matches of (t - timespan, t]. An event is
//   decided upon once, when all its matches are in; matches of one event (same input, record and
//   time) come one after another. An event counts once in a group, however many rules it matches.
// - Alert: when the condition holds. Then the group is quiet until the events of that alert have
//   left the window (t + timespan), so that every event is behind at most one alert.
// - Group: a match whose group-by or value field is absent takes no part (`incomplete`).
// - Order: by event time, then arrival. The watermark is the newest time seen less `lateness`;
//   events wait until it has reached them. An event behind it is late and does not count, unless
//   it opens an input not yet seen, or follows kLateRunMax late ones: then what waits is decided,
//   all windows are emptied and the watermark starts anew from it.
// add() is amortised O(1) per match and correlation (O(log n) where order statistics are kept, and
// O(log n) in the number of waiting matches; O(references^2) for temporal_ordered). Not
// thread-safe: the engine feeds it in the order of inputs and records.
class Correlator {
 public:
  static constexpr std::uint64_t kLateRunMax = 100;
  // `rules` outlives the correlator; no correlation of it has more than 65536 references.
  Correlator(const rules::RuleSet& rules, const CorrelatorOptions& options);
  ~Correlator();

  // The event fields that matches of this rule must bring, without repeats; empty when no
  // correlation uses it.
  std::span<const std::string> fields_of(std::size_t rule) const;
  // Whether any correlation refers to the rule.
  bool uses(std::size_t rule) const;

  using Emit = std::function<void(const event::Alert&)>;
  void add(const BaseMatch& match, const Emit& emit);
  // The event whose matches were added last has no more of them: it is decided now (if it need not
  // wait for lateness), not only when the next event or finish() comes. Optional; it matters to
  // live streams.
  void end_event(const Emit& emit);
  // Goes on where another one, of an earlier version of the rules, stands: windows, inputs and
  // counts of correlations that both have (same id, type, grouping, fields and references) are
  // taken over, whatever became of timespans, bounds and base rules; those of others are forgotten.
  // What waits in `earlier` is decided by it first. To be called before the first add().
  void take_over(Correlator& earlier, const Emit& emit);
  // No more matches: whatever waits for lateness is decided now.
  void finish(const Emit& emit);

  const CorrelatorCounts& counts() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace vedette::detect
