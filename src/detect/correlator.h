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
  std::size_t state_max = 1'000'000;  // matches and distinct values held over all groups
};

struct CorrelatorCounts {
  std::uint64_t matches = 0;
  std::uint64_t late = 0;       // behind the watermark: not counted
  std::uint64_t untimed = 0;    // without event time: not counted
  std::uint64_t evictions = 0;  // groups forgotten because state_max was reached
};

// Runs the correlations of a rule set over its base matches, in event time with sliding windows.
// add() is amortised O(1) per match and correlation (O(log n) where order statistics are kept). Not
// thread-safe: the engine feeds it in the order of inputs and records.
class Correlator {
 public:
  // `rules` outlives the correlator.
  Correlator(const rules::RuleSet& rules, const CorrelatorOptions& options);
  ~Correlator();

  // The event fields that matches of this rule must bring, without repeats; empty when no
  // correlation uses it.
  std::span<const std::string> fields_of(std::size_t rule) const;
  // Whether any correlation refers to the rule.
  bool uses(std::size_t rule) const;

  using Emit = std::function<void(const event::Alert&)>;
  void add(const BaseMatch& match, const Emit& emit);
  // No more matches: whatever waits for lateness is decided now.
  void finish(const Emit& emit);

  const CorrelatorCounts& counts() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace vedette::detect
