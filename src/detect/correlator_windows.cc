// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator_windows.h"

#include <algorithm>
#include <utility>

namespace vedette::detect {
namespace {

using rules::CorrelationType;

constexpr std::size_t kGroupUnits = 4;
constexpr std::size_t kValueUnits = 2;
constexpr std::size_t kUnitBytes = 64;  // of text
constexpr std::size_t kRingKept = 64;   // entries of memory that a freed group keeps
constexpr int kIdleAtOnce = 2;

// A chain of `length` (from 1) matches whose last one is of reference `last` (from 0): its cell.
// Chains that end at `last` have at most last + 1 matches, so the cells form a triangle.
constexpr std::size_t chain_cell(std::size_t last, std::size_t length) {
  return last * (last + 1) / 2 + length - 1;
}
constexpr std::size_t chain_cells(std::size_t references) {
  return references * (references + 1) / 2;
}

bool keeps_numbers(CorrelationType type) {
  return type == CorrelationType::kValuePercentile || type == CorrelationType::kValueMedian;
}
bool keeps_sum(CorrelationType type) {
  return type == CorrelationType::kValueSum || type == CorrelationType::kValueAverage;
}
bool is_temporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

}  // namespace

CorrelatorWindows::CorrelatorWindows(const CorrelatorPlan& plan, std::uint64_t seed)
    : plan_(plan), keys_(seed), values_(seed ^ 0x5851F42D4C957F2DULL) {
  own_.resize(plan.correlations.size());
}

std::size_t CorrelatorWindows::key_units(std::uint32_t index) const {
  return kGroupUnits + keys_.text(index).size() / kUnitBytes;
}

std::uint32_t CorrelatorWindows::open(std::uint32_t correlation, std::string_view key) {
  const KeyTable::Added added = keys_.add(correlation, key);
  const std::uint32_t index = added.index;
  if (!added.is_new) {
    unlink(index);
    touch(index);
    return index;
  }
  if (index >= groups_.size()) groups_.resize(index + 1);
  Group& group = groups_[index];
  group.correlation = correlation;
  const rules::Correlation& rule = rule_of(group);
  const std::size_t references = rule.references.size();
  if (is_temporal(rule.type)) group.cells.assign(references, 0);
  if (rule.type == CorrelationType::kTemporalOrdered) {
    group.cells.resize(references + 2 * chain_cells(references), kTimeMin);
  }
  held_ += key_units(index);
  touch(index);
  return index;
}

bool CorrelatorWindows::begin(std::uint32_t index, std::uint64_t event, TimeNs time) {
  Group& group = groups_[index];
  if (group.event == event) return false;
  group.event = event;
  group.begun = true;
  group.newest = time;
  const rules::Correlation& rule = rule_of(group);
  expire(index, before(time, rule.timespan));
  if (rule.type == CorrelationType::kTemporalOrdered) {
    const auto cells = static_cast<std::ptrdiff_t>(chain_cells(rule.references.size()));
    std::copy(group.cells.end() - cells, group.cells.end(), group.cells.end() - 2 * cells);
  }
  return true;
}

void CorrelatorWindows::add(std::uint32_t index, const Match& match) {
  Group& group = groups_[index];
  Entry added;
  added.time = match.time;
  added.reference = static_cast<std::uint16_t>(match.reference);
  added.number = match.number;
  added.counted = match.alert || group.event_counted != group.event;
  if (!match.alert) group.event_counted = group.event;
  added.begins = std::exchange(group.begun, false);
  if (added.counted && rule_of(group).type == CorrelationType::kValueCount) {
    const KeyTable::Added value = values_.add(index, match.value);
    if (value.index >= value_counts_.size()) value_counts_.resize(value.index + 1);
    if (value.is_new) {
      held_ += kValueUnits + match.value.size() / kUnitBytes;
      value_counts_[value.index] = 0;
      ++group.distinct;
    }
    ++value_counts_[value.index];
    added.value = value.index;
  }
  push(group, added);
  count_in(index, added);
}

void CorrelatorWindows::push(Group& group, const Entry& added) {
  if (group.size == group.ring.size()) {
    std::vector<Entry> grown(std::max<std::size_t>(4, group.ring.size() * 2));
    for (std::uint32_t i = 0; i < group.size; ++i) grown[i] = entry(group, i);
    group.ring.swap(grown);
    group.head = 0;
  }
  ++group.size;
  ++held_;
  entry(group, group.size - 1) = added;
}

void CorrelatorWindows::expire(std::uint32_t index, TimeNs limit) {
  Group& group = groups_[index];
  while (group.size > 0 && entry(group, 0).time <= limit) {
    const Entry gone = entry(group, 0);
    group.head = (group.head + 1) & static_cast<std::uint32_t>(group.ring.size() - 1);
    --group.size;
    --held_;
    count_out(index, gone);
  }
}

void CorrelatorWindows::count_in(std::uint32_t index, const Entry& added) {
  Group& group = groups_[index];
  const CorrelationType type = rule_of(group).type;
  if (added.counted) {
    ++group.counted;
    if (keeps_sum(type)) group.sum.add(added.number);
    if (keeps_numbers(type)) {
      numbers_.insert(group.numbers, added.number);
      ++held_;
    }
  }
  if (is_temporal(type) && ++group.cells[added.reference] == 1) ++group.distinct;
  if (type == CorrelationType::kTemporalOrdered) {
    extend_chains(group, added.reference, added.time);
  }
}

void CorrelatorWindows::count_out(std::uint32_t index, const Entry& gone) {
  Group& group = groups_[index];
  const CorrelationType type = rule_of(group).type;
  if (is_temporal(type) && --group.cells[gone.reference] == 0) --group.distinct;
  if (!gone.counted) return;
  --group.counted;
  if (keeps_numbers(type)) {
    numbers_.erase(group.numbers, gone.number);
    --held_;
  }
  if (keeps_sum(type)) {
    group.sum.subtract(gone.number);
    if (group.sum.stale(group.size)) recompute_sum(group);
  }
  if (type == CorrelationType::kValueCount && --value_counts_[gone.value] == 0) {
    held_ -= kValueUnits + values_.text(gone.value).size() / kUnitBytes;
    values_.erase(gone.value);
    --group.distinct;
  }
}

void CorrelatorWindows::recompute_sum(Group& group) {
  group.sum = WindowSum();
  for (std::uint32_t i = 0; i < group.size; ++i) {
    const Entry& held = entry(group, i);
    if (held.counted) group.sum.add(held.number);
  }
}

// A chain is a sequence of matches of different events, in order of time and arrival, of references
// in the listed order. For each last reference and length the newest possible time of its first
// match is kept: a chain of that kind lies in the window exactly when that time does. A new match
// extends the chains as they were before its event, so that no event serves for two steps.
void CorrelatorWindows::extend_chains(Group& group, std::uint32_t reference, TimeNs time) {
  const std::size_t references = rule_of(group).references.size();
  const std::int64_t* const old = group.cells.data() + references;
  std::int64_t* const now = group.cells.data() + references + chain_cells(references);
  now[chain_cell(reference, 1)] = time;
  for (std::size_t length = 2; length <= reference + 1; ++length) {
    std::int64_t newest = now[chain_cell(reference, length)];
    for (std::size_t last = length - 2; last < reference; ++last) {
      newest = std::max(newest, old[chain_cell(last, length - 1)]);
    }
    now[chain_cell(reference, length)] = newest;
  }
}

std::uint32_t CorrelatorWindows::chain_length(const Group& group) const {
  const std::size_t references = rule_of(group).references.size();
  const std::int64_t* const now = group.cells.data() + references + chain_cells(references);
  const TimeNs limit = before(group.newest, rule_of(group).timespan);
  for (std::size_t length = references; length > 0; --length) {
    for (std::size_t last = length - 1; last < references; ++last) {
      if (now[chain_cell(last, length)] > limit) return static_cast<std::uint32_t>(length);
    }
  }
  return 0;
}

double CorrelatorWindows::value(std::uint32_t index) const {
  const Group& group = groups_[index];
  const rules::Correlation& rule = rule_of(group);
  switch (rule.type) {
    case CorrelationType::kEventCount:
      return group.counted;
    case CorrelationType::kValueCount:
    case CorrelationType::kTemporal:
      return group.distinct;
    case CorrelationType::kValueSum:
      return group.sum.value();
    case CorrelationType::kValueAverage:
      return group.sum.value() / group.counted;
    case CorrelationType::kValuePercentile:
      return numbers_.percentile(group.numbers, rule.percentile);
    case CorrelationType::kValueMedian:
      return numbers_.percentile(group.numbers, 50);
    case CorrelationType::kTemporalOrdered:
      return chain_length(group);
  }
  return 0;
}

bool CorrelatorWindows::condition_holds(std::uint32_t index, double value) {
  const Group& group = groups_[index];
  const CorrelatorPlan::Correlation& plan = plan_.correlations[group.correlation];
  if (plan.condition.empty()) return holds(plan.bounds, value);
  // With an order, all that is present must be present in that order.
  if (plan.rule->type == CorrelationType::kTemporalOrdered && value != group.distinct) return false;
  return evaluate(plan.condition, stack_,
                  [&](std::uint32_t reference) { return group.cells[reference] > 0; });
}

CorrelatorWindows::Contents CorrelatorWindows::contents(std::uint32_t index,
                                                        std::vector<bool>& present) const {
  const Group& group = groups_[index];
  present.assign(rule_of(group).references.size(), false);
  Contents result;
  result.event_count = group.counted;
  for (std::uint32_t i = 0; i < group.size; ++i) {
    const Entry& held = group.ring[(group.head + i) & (group.ring.size() - 1)];
    if (i == 0) result.first_time = held.time;
    present[held.reference] = true;
  }
  return result;
}

void CorrelatorWindows::touch(std::uint32_t index) {
  const auto append = [&](List& list, Links Group::* links) {
    groups_[index].*links = {list.newest, kNone};
    if (list.newest != kNone) (groups_[list.newest].*links).newer = index;
    list.newest = index;
    if (list.oldest == kNone) list.oldest = index;
  };
  append(all_, &Group::all);
  append(own_[groups_[index].correlation], &Group::own);
}

void CorrelatorWindows::unlink(std::uint32_t index) {
  const auto take = [&](List& list, Links Group::* links) {
    const Links at = groups_[index].*links;
    (at.older == kNone ? list.oldest : (groups_[at.older].*links).newer) = at.newer;
    (at.newer == kNone ? list.newest : (groups_[at.newer].*links).older) = at.older;
  };
  take(all_, &Group::all);
  take(own_[groups_[index].correlation], &Group::own);
}

void CorrelatorWindows::release(std::uint32_t index) {
  expire(index, kTimeMax);
  unlink(index);
  held_ -= key_units(index);
  keys_.erase(index);
  Group& group = groups_[index];
  Group fresh;  // keeps a little memory for the group that gets this place next
  if (group.ring.size() <= kRingKept) fresh.ring.swap(group.ring);
  fresh.cells.swap(group.cells);
  fresh.cells.clear();
  group = std::move(fresh);
}

void CorrelatorWindows::drop_idle(std::uint32_t correlation, TimeNs now) {
  const TimeNs limit = before(now, plan_.correlations[correlation].rule->timespan);
  for (int i = 0; i < kIdleAtOnce; ++i) {
    const std::uint32_t oldest = own_[correlation].oldest;
    if (oldest == kNone || groups_[oldest].newest > limit) return;
    release(oldest);
  }
}

bool CorrelatorWindows::evict(TimeNs now) {
  const Group& oldest = groups_[all_.oldest];
  const bool live = oldest.newest > before(now, rule_of(oldest).timespan);
  release(all_.oldest);
  return live;
}

void CorrelatorWindows::clear() {
  while (!empty()) release(all_.oldest);
}

// By adding again what stands in each window: sums, counts and chains follow from it.
std::uint64_t CorrelatorWindows::take_over(const CorrelatorWindows& earlier,
                                           std::span<const std::uint32_t> places) {
  std::uint64_t event = 0;
  for (std::uint32_t from = earlier.all_.oldest; from != kNone;
       from = earlier.groups_[from].all.newer) {
    const Group& old = earlier.groups_[from];
    if (places[old.correlation] == kNone) continue;
    const std::uint32_t to = open(places[old.correlation], earlier.key(from));
    for (std::uint32_t i = 0; i < old.size; ++i) {
      const Entry& was = entry(old, i);
      if (was.begins || i == 0) ++event;
      begin(to, event, was.time);
      // What counts beside a counted match of its event is an alert of an inner correlation.
      const bool alert = was.counted && groups_[to].event_counted == event;
      const bool has_value =
          was.counted && rule_of(groups_[to]).type == CorrelationType::kValueCount;
      add(to, {was.reference, was.time, was.number,
               has_value ? earlier.values_.text(was.value) : std::string_view(), alert});
    }
    groups_[to].quiet_until = old.quiet_until;
  }
  return event;
}

}  // namespace vedette::detect
