// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/arena.h"
#include "base/hash.h"
#include "base/result.h"
#include "detect/correlator_plan.h"
#include "detect/correlator_waiting.h"
#include "detect/correlator_windows.h"

namespace vedette::detect {
namespace {

using rules::CorrelationType;
using Values = std::span<const std::string_view>;

// Where tables lie in memory is not known to who writes the events.
std::uint64_t seed_from_address(const void* address) {
  const auto number = std::bit_cast<std::uintptr_t>(address);
  return hash_bytes({reinterpret_cast<const char*>(&number), sizeof number});
}

bool is_numeric(CorrelationType type) {
  return type == CorrelationType::kValueSum || type == CorrelationType::kValueAverage ||
         type == CorrelationType::kValuePercentile || type == CorrelationType::kValueMedian;
}

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || !(std::fabs(number) < WindowSum::kNumberMax)) {
    return std::nullopt;
  }
  return number;
}

// Several values as one text: a single value stands for itself, several follow their lengths.
// False when one is absent.
bool encode(Values values, const std::vector<std::uint32_t>& positions, std::string& text) {
  text.clear();
  for (const std::uint32_t position : positions) {
    const std::string_view value = values[position];
    if (value.data() == nullptr) return false;
    if (positions.size() > 1) {
      const std::size_t size = value.size();
      text.append(reinterpret_cast<const char*>(&size), sizeof size);
    }
    text.append(value);
  }
  return true;
}

void decode(std::string_view text, std::size_t count, std::vector<std::string_view>& values) {
  values.clear();
  if (count == 1) values.push_back(text);
  if (count <= 1) return;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t size = 0;
    std::memcpy(&size, text.data(), sizeof size);
    values.push_back(text.substr(sizeof size, size));
    text.remove_prefix(sizeof size + size);
  }
}

// Whether the windows of one mean the same to the other.
bool same_windows(const rules::Correlation& a, const rules::Correlation& b) {
  const auto same_reference = [](const rules::Correlation::Reference& one,
                                 const rules::Correlation::Reference& other) {
    return one.correlation == other.correlation && one.name == other.name;
  };
  return a.info.id == b.info.id && a.type == b.type && a.group_by == b.group_by &&
         a.fields == b.fields && a.aliases == b.aliases &&
         std::ranges::equal(a.references, b.references, same_reference);
}

const std::string& name_of(const event::RuleInfo& info) {
  return info.title.empty() ? info.id : info.title;
}

}  // namespace

class Correlator::State {
 public:
  State(const rules::RuleSet& rules, const CorrelatorOptions& options)
      : rules_(rules),
        options_(options),
        plan(make_correlator_plan(rules)),
        inputs_(0),
        windows_(plan, seed_from_address(this)) {}

  void add(const BaseMatch& match, const Emit& emit);
  void end_event(const Emit& emit);
  void finish(const Emit& emit);
  void take_over(State& earlier);

 private:
  using Waiting = CorrelatorWaiting::Match;

  // A match on its way to one reference of one correlation.
  struct Delivery {
    CorrelatorPlan::Listener to;
    std::uint32_t number = 0;  // in order of making
    bool alert = false;        // of an inner correlation
    Values values;
    const Waiting* event = nullptr;
  };
  static bool later(const Delivery& a, const Delivery& b) {
    return a.to.correlation != b.to.correlation ? a.to.correlation > b.to.correlation
                                                : a.number > b.number;
  }
  // A group that saw a new match of the event at hand.
  struct Touched {
    std::uint32_t group = 0;
    Delivery last;
  };

  // Decides when an event may take part; false: it is late.
  bool admit(const BaseMatch& match, const Emit& emit);
  TimeNs watermark() const { return std::max(before(newest_, options_.lateness), floor_); }
  void release(TimeNs limit, const Emit& emit);
  void process_oldest(const Emit& emit);
  void post(const std::vector<CorrelatorPlan::Listener>& listeners, Delivery delivery);
  void deliver(const Delivery& delivery);
  void decide(const Touched& touched, const Emit& emit);
  void fire(const Touched& touched, double value, const Emit& emit);
  Values outputs_of(const Delivery& last, std::span<const std::string_view> group);
  void bound_state(const Emit& emit);

  const rules::RuleSet& rules_;
  const CorrelatorOptions options_;

 public:
  const CorrelatorPlan plan;
  CorrelatorCounts counts;

 private:
  KeyTable inputs_;
  std::vector<std::uint64_t> input_epochs_;  // by input: the last epoch that saw it
  CorrelatorWaiting waiting_;
  CorrelatorWindows windows_;

  std::uint64_t epoch_ = 1;
  bool started_ = false;  // whether newest_ means anything
  TimeNs newest_ = 0;
  TimeNs floor_ = kTimeMin;  // events up to here were decided early, to bound the state
  std::uint64_t late_run_ = 0;
  TimeNs decided_ = kTimeMin;  // time of the event decided last

  // The event whose matches come in.
  bool open_ = false;
  std::uint64_t event_ = 0;
  std::uint32_t input_ = KeyTable::kNone;
  std::uint64_t record_ = 0;
  TimeNs time_ = 0;

  // Scratch of one event.
  std::vector<const Waiting*> matches_;
  std::vector<Delivery> deliveries_;  // a heap: lowest correlation first
  std::uint32_t delivery_count_ = 0;
  std::vector<Touched> touched_;
  Arena arena_;
  std::string key_;
  std::string value_;
  std::vector<std::string_view> group_values_;
  std::vector<event::AlertField> group_fields_;
  std::vector<bool> present_;
  std::vector<std::string_view> titles_;
};

void Correlator::State::add(const BaseMatch& match, const Emit& emit) {
  if (plan.rule_listeners[match.rule].empty()) return;
  ++counts.matches;
  if (!match.has_time) {
    ++counts.untimed;
    return;
  }
  const bool same = open_ && match.record == record_ && match.time == time_ &&
                    inputs_.text(input_) == match.input;
  if (!same) {
    end_event(emit);
    if (!admit(match, emit)) {
      ++counts.late;
      return;
    }
    open_ = true;
    ++event_;
    record_ = match.record;
    time_ = match.time;
  }
  DCHECK(match.values.size() == plan.rule_fields[match.rule].size());
  waiting_.push(match, input_, event_);
  bound_state(emit);
}

bool Correlator::State::admit(const BaseMatch& match, const Emit& emit) {
  if (input_ == KeyTable::kNone || inputs_.text(input_) != match.input) {
    input_ = inputs_.add(0, match.input).index;
    if (input_ >= input_epochs_.size()) input_epochs_.resize(input_ + 1, 0);
  }
  if (started_ && match.time < watermark()) {
    const bool is_new = input_epochs_[input_] != epoch_;
    if (!is_new && late_run_ < kLateRunMax) {
      ++late_run_;
      return false;
    }
    release(kTimeMax, emit);
    windows_.clear();
    ++counts.restarts;
    ++epoch_;
    started_ = false;
    floor_ = kTimeMin;
  }
  input_epochs_[input_] = epoch_;
  late_run_ = 0;
  newest_ = started_ ? std::max(newest_, match.time) : match.time;
  started_ = true;
  release(watermark(), emit);
  return true;
}

void Correlator::State::end_event(const Emit& emit) {
  if (!open_) return;
  open_ = false;
  release(watermark(), emit);
}

void Correlator::State::finish(const Emit& emit) {
  open_ = false;
  release(kTimeMax, emit);
}

void Correlator::State::take_over(State& earlier) {
  std::vector<std::uint32_t> places(earlier.plan.correlations.size(), KeyTable::kNone);
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < plan.correlations.size(); ++j) {
      if (!same_windows(*earlier.plan.correlations[i].rule, *plan.correlations[j].rule)) continue;
      places[i] = static_cast<std::uint32_t>(j);
      break;
    }
  }
  event_ = std::max(earlier.event_, windows_.take_over(earlier.windows_, places));
  inputs_ = std::move(earlier.inputs_);
  input_epochs_ = std::move(earlier.input_epochs_);
  counts = earlier.counts;
  epoch_ = earlier.epoch_;
  started_ = earlier.started_;
  newest_ = earlier.newest_;
  floor_ = earlier.floor_;
  late_run_ = earlier.late_run_;
  decided_ = earlier.decided_;
}

void Correlator::State::release(TimeNs limit, const Emit& emit) {
  while (!waiting_.empty() && waiting_.oldest().time <= limit) process_oldest(emit);
}

void Correlator::State::process_oldest(const Emit& emit) {
  matches_.clear();
  waiting_.take_event(matches_);
  arena_.clear();
  delivery_count_ = 0;
  decided_ = matches_.front()->time;
  for (const Waiting* match : matches_) {
    post(plan.rule_listeners[match->rule], {{}, 0, false, match->values, match});
  }
  // Inner correlations come first and feed outer ones; a correlation is decided upon when all that
  // the event brings to it is in.
  while (!deliveries_.empty()) {
    const std::uint32_t correlation = deliveries_.front().to.correlation;
    windows_.drop_idle(correlation, decided_);
    touched_.clear();
    while (!deliveries_.empty() && deliveries_.front().to.correlation == correlation) {
      std::pop_heap(deliveries_.begin(), deliveries_.end(), later);
      const Delivery delivery = deliveries_.back();
      deliveries_.pop_back();
      deliver(delivery);
    }
    for (const Touched& touched : touched_) decide(touched, emit);
  }
  waiting_.give_back();
}

void Correlator::State::post(const std::vector<CorrelatorPlan::Listener>& listeners,
                             Delivery delivery) {
  for (const CorrelatorPlan::Listener& listener : listeners) {
    delivery.to = listener;
    delivery.number = delivery_count_++;
    deliveries_.push_back(delivery);
    std::push_heap(deliveries_.begin(), deliveries_.end(), later);
  }
}

void Correlator::State::deliver(const Delivery& delivery) {
  const CorrelatorPlan::Correlation& correlation = plan.correlations[delivery.to.correlation];
  const CorrelatorPlan::Reference& reference = correlation.references[delivery.to.reference];
  CorrelatorWindows::Match match;
  match.reference = delivery.to.reference;
  match.time = delivery.event->time;
  match.alert = delivery.alert;
  bool complete = encode(delivery.values, reference.group, key_);
  if (complete && correlation.rule->type == CorrelationType::kValueCount) {
    complete = encode(delivery.values, reference.fields, value_);
    match.value = value_;
  } else if (complete && is_numeric(correlation.rule->type)) {
    const std::string_view text =
        reference.fields.empty() ? std::string_view() : delivery.values[reference.fields.front()];
    const std::optional<double> number = number_of(text);
    complete = number.has_value();
    match.number = number.value_or(0);
  }
  if (!complete) {
    ++counts.incomplete;
    return;
  }
  const std::uint32_t group = windows_.open(delivery.to.correlation, key_);
  if (windows_.begin(group, delivery.event->event, match.time)) {
    touched_.push_back({group, delivery});
  } else {
    for (Touched& touched : touched_) {
      if (touched.group == group) touched.last = delivery;
    }
  }
  windows_.add(group, match);
}

void Correlator::State::decide(const Touched& touched, const Emit& emit) {
  if (windows_.quiet(touched.group, decided_)) return;
  const double value = windows_.value(touched.group);
  if (!windows_.condition_holds(touched.group, value)) return;
  const CorrelatorPlan::Correlation& correlation = plan.correlations[touched.last.to.correlation];
  windows_.keep_quiet(touched.group, after(decided_, correlation.rule->timespan));
  fire(touched, value, emit);
}

void Correlator::State::fire(const Touched& touched, double value, const Emit& emit) {
  const std::uint32_t index = touched.last.to.correlation;
  const rules::Correlation& rule = *plan.correlations[index].rule;
  const Waiting& match = *touched.last.event;
  decode(windows_.key(touched.group), rule.group_by.size(), group_values_);
  if (!plan.inner_listeners[index].empty()) {
    post(plan.inner_listeners[index],
         {{}, 0, true, outputs_of(touched.last, group_values_), &match});
  }
  if (rule.silent) return;
  event::Alert alert;
  alert.rule = &rule.info;
  alert.has_time = true;
  alert.time = match.time;
  alert.input = inputs_.text(match.input);
  alert.record = match.record;
  alert.offset = match.offset;
  alert.value = value;
  group_fields_.clear();
  for (std::size_t i = 0; i < rule.group_by.size(); ++i) {
    group_fields_.push_back({rule.group_by[i], group_values_[i]});
    if (!match.host.empty() && group_values_[i] == match.host) {
      alert.roles[static_cast<std::size_t>(event::Role::kHost)] = match.host;
    }
  }
  alert.group = group_fields_;
  const CorrelatorWindows::Contents contents = windows_.contents(touched.group, present_);
  alert.first_time = contents.first_time;
  alert.event_count = contents.event_count;
  titles_.clear();
  for (std::size_t i = 0; i < present_.size(); ++i) {
    if (!present_[i]) continue;
    const rules::Correlation::Reference& reference = rule.references[i];
    const std::string& title =
        name_of(reference.correlation ? rules_.correlations[reference.index].info
                                      : rules_.rules[reference.index].info);
    if (std::find(titles_.begin(), titles_.end(), title) == titles_.end()) {
      titles_.emplace_back(title);
    }
  }
  alert.rules = titles_;
  emit(alert);
}

Values Correlator::State::outputs_of(const Delivery& last,
                                     std::span<const std::string_view> group) {
  const CorrelatorPlan::Correlation& correlation = plan.correlations[last.to.correlation];
  const std::vector<std::uint32_t>& outputs = correlation.references[last.to.reference].outputs;
  const std::span<std::string_view> values = arena_.make_array<std::string_view>(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] < CorrelatorPlan::kFromGroup) {
      values[i] = last.values[outputs[i]];
      continue;
    }
    // The group's text may move; an empty value is not an absent one.
    const std::string_view value = group[outputs[i] - CorrelatorPlan::kFromGroup];
    values[i] = value.empty() ? std::string_view("", 0) : arena_.copy(value);
  }
  return values;
}

void Correlator::State::bound_state(const Emit& emit) {
  while (waiting_.held() + windows_.held() > options_.state_max) {
    const bool may_decide = !waiting_.empty() && (!open_ || waiting_.oldest().event != event_);
    if (may_decide && waiting_.held() > options_.state_max / 2) {
      floor_ = std::max(floor_, waiting_.oldest().time);
      process_oldest(emit);
    } else if (!windows_.empty()) {
      if (windows_.evict(decided_)) ++counts.evictions;
    } else {
      return;
    }
  }
}

Correlator::Correlator(const rules::RuleSet& rules, const CorrelatorOptions& options)
    : state_(std::make_unique<State>(rules, options)) {}
Correlator::~Correlator() = default;

std::span<const std::string> Correlator::fields_of(std::size_t rule) const {
  return state_->plan.rule_fields[rule];
}

bool Correlator::uses(std::size_t rule) const { return !state_->plan.rule_listeners[rule].empty(); }

void Correlator::add(const BaseMatch& match, const Emit& emit) { state_->add(match, emit); }
void Correlator::end_event(const Emit& emit) { state_->end_event(emit); }
void Correlator::finish(const Emit& emit) { state_->finish(emit); }
void Correlator::take_over(Correlator& earlier, const Emit& emit) {
  earlier.finish(emit);
  state_->take_over(*earlier.state_);
}
const CorrelatorCounts& Correlator::counts() const { return state_->counts; }

}  // namespace vedette::detect
