// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "detect/correlator_keys.h"
#include "detect/correlator_plan.h"
#include "detect/correlator_sum.h"
#include "detect/order_statistics.h"

namespace vedette::detect {

constexpr TimeNs kTimeMin = std::numeric_limits<TimeNs>::min();
constexpr TimeNs kTimeMax = std::numeric_limits<TimeNs>::max();

// `time` - `span` and `time` + `span` for span >= 0, held at the ends of the range.
constexpr TimeNs before(TimeNs time, TimeNs span) {
  return time < kTimeMin + span ? kTimeMin : time - span;
}
constexpr TimeNs after(TimeNs time, TimeNs span) {
  return time > kTimeMax - span ? kTimeMax : time + span;
}

// The sliding windows of all groups of all correlations, and what is kept about their contents so
// that a decision needs no walk over them. Times given to it never go back (until clear()). Indices
// of groups are valid until the next drop_idle(), evict() or clear(). Not thread-safe.
class CorrelatorWindows {
 public:
  // A match inside a window.
  struct Entry {
    TimeNs time = 0;
    double number = 0;        // numeric types
    std::uint32_t value = 0;  // value_count: index in the table of values
    std::uint16_t reference = 0;
    bool counted = true;  // false: the event stands in the window already, by another reference
    bool begins = false;  // the first one of its event here
  };

  // `plan` outlives the windows.
  CorrelatorWindows(const CorrelatorPlan& plan, std::uint64_t seed);

  // The group of a correlation whose values are encoded in `key`, made when there is none; it
  // becomes the one touched last.
  std::uint32_t open(std::uint32_t correlation, std::string_view key);
  // Moves the window's end to `time` for an event (a number that grows from event to event).
  // Returns whether the group sees that event for the first time.
  bool begin(std::uint32_t group, std::uint64_t event, TimeNs time);
  // Adds a match of the event given to begin(). `number` for numeric types, `value` for
  // value_count. An event is counted once in a group, unless `alert` says that the match is an
  // alert of an inner correlation: each of these counts.
  struct Match {
    std::uint32_t reference = 0;
    TimeNs time = 0;
    double number = 0;
    std::string_view value;
    bool alert = false;
  };
  void add(std::uint32_t group, const Match& match);

  // What the correlation's bounds compare.
  double value(std::uint32_t group) const;
  // Whether the condition holds now; `value` is value(group).
  bool condition_holds(std::uint32_t group, double value);
  bool quiet(std::uint32_t group, TimeNs time) const { return time < groups_[group].quiet_until; }
  void keep_quiet(std::uint32_t group, TimeNs until) { groups_[group].quiet_until = until; }

  struct Contents {
    TimeNs first_time = 0;
    std::uint64_t event_count = 0;
  };
  // Walks the window: which references have matches in it goes to `present`.
  Contents contents(std::uint32_t group, std::vector<bool>& present) const;
  // The encoded values of the group; valid until the next open().
  std::string_view key(std::uint32_t group) const { return keys_.text(group); }

  // Matches, values and groups held, in units of roughly 100 bytes.
  std::size_t held() const { return held_; }
  // Forgets groups of the correlation whose windows are empty at `now`: a few at a time, so that
  // the work spreads over the calls.
  void drop_idle(std::uint32_t correlation, TimeNs now);
  // Forgets the group that was touched least recently. Returns whether its window still held
  // something at `now`. There must be one.
  bool evict(TimeNs now);
  bool empty() const { return all_.oldest == KeyTable::kNone; }
  void clear();
  // Fills these windows, which are empty, with the contents of others. `places`: by correlation of
  // `earlier`, which one here it is; KeyTable::kNone: none, its windows are left out. Returns the
  // largest number that begin() was given.
  std::uint64_t take_over(const CorrelatorWindows& earlier, std::span<const std::uint32_t> places);

 private:
  static constexpr std::uint32_t kNone = KeyTable::kNone;

  // Doubly linked through all groups of one list, by when they were last touched.
  struct Links {
    std::uint32_t older = kNone;
    std::uint32_t newer = kNone;
  };
  struct List {
    std::uint32_t oldest = kNone;
    std::uint32_t newest = kNone;
  };

  struct Group {
    std::vector<Entry> ring;  // a power of two, or empty
    std::uint32_t head = 0;
    std::uint32_t size = 0;
    std::uint32_t correlation = 0;
    std::uint32_t counted = 0;   // entries with `counted`
    std::uint32_t distinct = 0;  // values or references
    OrderStatistics::Root numbers = OrderStatistics::kEmpty;
    std::uint64_t event = 0;  // the last one that begin() was told of
    std::uint64_t event_counted = 0;
    bool begun = false;  // begin() was told of an event and add() not yet
    TimeNs newest = kTimeMin;
    TimeNs quiet_until = kTimeMin;
    WindowSum sum;
    // temporal types: matches in the window by reference; temporal_ordered: then the chains as they
    // were before the event at hand, then those that include it (see chain_cell()).
    std::vector<std::int64_t> cells;
    Links all;
    Links own;
  };

  const rules::Correlation& rule_of(const Group& group) const {
    return *plan_.correlations[group.correlation].rule;
  }
  Entry& entry(Group& group, std::uint32_t position) {
    return group.ring[(group.head + position) & (group.ring.size() - 1)];
  }
  static const Entry& entry(const Group& group, std::uint32_t position) {
    return group.ring[(group.head + position) & (group.ring.size() - 1)];
  }
  void push(Group& group, const Entry& added);
  void expire(std::uint32_t index, TimeNs limit);
  void count_in(std::uint32_t index, const Entry& added);
  void count_out(std::uint32_t index, const Entry& gone);
  void recompute_sum(Group& group);
  void extend_chains(Group& group, std::uint32_t reference, TimeNs time);
  std::uint32_t chain_length(const Group& group) const;
  void release(std::uint32_t index);
  void touch(std::uint32_t index);
  void unlink(std::uint32_t index);
  std::size_t key_units(std::uint32_t index) const;

  const CorrelatorPlan& plan_;
  KeyTable keys_;                            // owner: correlation; index: of the group
  std::vector<Group> groups_;                // beside keys_
  KeyTable values_;                          // owner: group
  std::vector<std::uint32_t> value_counts_;  // beside values_: occurrences in the window
  OrderStatistics numbers_;
  List all_;
  std::vector<List> own_;  // by correlation
  std::size_t held_ = 0;
  std::vector<bool> stack_;
};

}  // namespace vedette::detect
