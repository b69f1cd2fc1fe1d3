// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "detect/correlator.h"
#include "rules/model.h"

// For tests only: correlations as docs/correlations.md words them, every window gathered from the
// whole history for every decision. Slow and plain on purpose; shares no code with the correlator.
namespace vedette::detect::oracle {

using Fields = std::map<std::string, std::string>;

// A match of a base rule with all fields of its event.
struct Match {
  std::size_t rule = 0;
  bool has_time = true;
  TimeNs time = 0;
  std::string input;
  std::uint64_t record = 0;
  Fields fields;
};

struct Alert {
  std::size_t correlation = 0;
  TimeNs time = 0;
  TimeNs first_time = 0;
  std::string input;
  std::uint64_t record = 0;
  std::vector<std::string> group;
  double value = 0;
  std::uint64_t event_count = 0;
  std::vector<std::string> rules;

  bool operator==(const Alert&) const = default;
};

class Oracle {
 public:
  Oracle(const rules::RuleSet& rules, TimeNs lateness) : rules_(rules), lateness_(lateness) {}

  // All alerts, in order.
  std::vector<Alert> run(const std::vector<Match>& matches) {
    std::vector<Event> epoch;
    std::set<std::string> seen;
    TimeNs newest = 0;
    std::uint64_t late_run = 0;
    for (std::size_t i = 0; i < matches.size();) {
      Event event = take_event(matches, i);
      if (event.matches.empty()) continue;
      const TimeNs time = event.matches.front()->time;
      if (!seen.empty() && time < newest - lateness_) {
        if (seen.contains(event.matches.front()->input) && late_run < Correlator::kLateRunMax) {
          // The rest of a late event's matches is judged one by one.
          late += 1;
          ++late_run;
          i = event.first + 1;
          continue;
        }
        decide_all(epoch);
        seen.clear();
        history_.clear();
        quiet_.clear();
        ++restarts;
      }
      newest = seen.empty() ? time : std::max(newest, time);
      seen.insert(event.matches.front()->input);
      late_run = 0;
      epoch.push_back(std::move(event));
    }
    decide_all(epoch);
    return alerts_;
  }

  std::uint64_t late = 0;
  std::uint64_t restarts = 0;

 private:
  struct Event {
    std::size_t first = 0;
    std::vector<const Match*> matches;
  };
  // Something that a reference of a correlation sees: a base match or an inner alert.
  struct Source {
    const Match* match = nullptr;
    std::optional<std::size_t> correlation;  // the inner one that fired ...
    Fields group;                            // ... for this group ...
    const Source* trigger = nullptr;         // ... completed by this, seen by ...
    std::size_t trigger_reference = 0;       // ... this reference of it
  };
  struct Entry {
    std::size_t event = 0;
    TimeNs time = 0;
    std::size_t reference = 0;
    bool alert = false;
    std::vector<std::string> values;
  };
  using Key = std::pair<std::size_t, std::vector<std::string>>;

  bool used(std::size_t rule) const {
    for (const rules::Correlation& correlation : rules_.correlations) {
      for (const auto& reference : correlation.references) {
        if (!reference.correlation && reference.index == rule) return true;
      }
    }
    return false;
  }

  Event take_event(const std::vector<Match>& matches, std::size_t& i) const {
    Event event;
    event.first = i;
    while (i < matches.size()) {
      const Match& match = matches[i];
      if (match.has_time && used(match.rule)) {
        if (!event.matches.empty()) {
          const Match& first = *event.matches.front();
          if (first.input != match.input || first.record != match.record ||
              first.time != match.time) {
            break;
          }
        } else {
          event.first = i;
        }
        event.matches.push_back(&match);
      }
      ++i;
    }
    return event;
  }

  static std::string resolve(const rules::Correlation& rule, const std::string& name,
                             std::size_t reference) {
    if (!rule.aliases.contains(name) || !rule.aliases.at(name).contains(reference)) return name;
    return rule.aliases.at(name).at(reference);
  }

  std::optional<std::string> look_up(const Source& source, const std::string& name) const {
    const Fields& fields = source.correlation ? source.group : source.match->fields;
    if (fields.contains(name)) return fields.at(name);
    if (!source.correlation) return std::nullopt;
    return look_up(*source.trigger, resolve(rules_.correlations[*source.correlation], name,
                                            source.trigger_reference));
  }

  std::optional<std::vector<std::string>> look_up_all(const Source& source,
                                                      const rules::Correlation& rule,
                                                      const std::vector<std::string>& names,
                                                      std::size_t reference) const {
    std::vector<std::string> values;
    for (const std::string& name : names) {
      const auto value = look_up(source, resolve(rule, name, reference));
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
    return values;
  }

  void decide_all(std::vector<Event>& epoch) {
    std::stable_sort(epoch.begin(), epoch.end(), [](const Event& a, const Event& b) {
      return a.matches.front()->time < b.matches.front()->time;
    });
    for (const Event& event : epoch) decide(event);
    epoch.clear();
  }

  void decide(const Event& event) {
    ++event_number_;
    sources_.clear();
    std::vector<const Source*> sources;
    for (const Match* match : event.matches) {
      sources_.push_back({match, {}, {}, nullptr, 0});
      sources.push_back(&sources_.back());
    }
    for (std::size_t c = 0; c < rules_.correlations.size(); ++c) {
      const std::size_t count = sources.size();
      std::vector<Key> touched;
      std::map<Key, std::pair<const Source*, std::size_t>> last;
      for (std::size_t s = 0; s < count; ++s) feed(c, *sources[s], touched, last);
      for (const Key& key : touched) {
        if (!decide(c, key, *event.matches.front())) continue;
        Fields group;
        const std::vector<std::string>& names = rules_.correlations[c].group_by;
        for (std::size_t g = names.size(); g-- > 0;) group[names[g]] = key.second[g];
        sources_.push_back({event.matches.front(), c, group, last[key].first, last[key].second});
        sources.push_back(&sources_.back());
      }
    }
  }

  void feed(std::size_t c, const Source& source, std::vector<Key>& touched,
            std::map<Key, std::pair<const Source*, std::size_t>>& last) {
    const rules::Correlation& rule = rules_.correlations[c];
    for (std::size_t r = 0; r < rule.references.size(); ++r) {
      const auto& reference = rule.references[r];
      if (reference.correlation != source.correlation.has_value()) continue;
      if (reference.index != (source.correlation ? *source.correlation : source.match->rule)) {
        continue;
      }
      const auto group = look_up_all(source, rule, rule.group_by, r);
      const auto values = look_up_all(source, rule, rule.fields, r);
      if (!group || !values) continue;
      if (rule.type >= rules::CorrelationType::kValueSum &&
          rule.type <= rules::CorrelationType::kValueMedian && !number(values->front())) {
        continue;
      }
      const Key key{c, *group};
      history_[key].push_back(
          {event_number_, source.match->time, r, source.correlation.has_value(), *values});
      if (std::find(touched.begin(), touched.end(), key) == touched.end()) touched.push_back(key);
      last[key] = {&source, r};
    }
  }

  static std::optional<double> number(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') return std::nullopt;
    return value;
  }

  bool decide(std::size_t c, const Key& key, const Match& match) {
    const rules::Correlation& rule = rules_.correlations[c];
    if (quiet_.contains(key) && match.time < quiet_[key] + rule.timespan) return false;
    std::vector<Entry> window;
    for (const Entry& entry : history_[key]) {
      if (entry.time > match.time - rule.timespan) window.push_back(entry);
    }
    std::set<std::size_t> present;
    for (const Entry& entry : window) present.insert(entry.reference);
    const std::vector<Entry> counted = count_once(window);
    const double value = value_of(rule, window, counted, present);
    if (!holds(rule, value, present)) return false;
    quiet_[key] = match.time;
    if (rule.silent) return true;
    Alert alert{c,          match.time, window.front().time, match.input, match.record,
                key.second, value,      counted.size(),      {}};
    for (const std::size_t r : present) {
      const auto& reference = rule.references[r];
      const std::string& title = reference.correlation
                                     ? rules_.correlations[reference.index].info.title
                                     : rules_.rules[reference.index].info.title;
      if (std::find(alert.rules.begin(), alert.rules.end(), title) == alert.rules.end()) {
        alert.rules.push_back(title);
      }
    }
    alerts_.push_back(alert);
    return true;
  }

  static std::vector<Entry> count_once(const std::vector<Entry>& window) {
    std::vector<Entry> counted;
    std::set<std::size_t> events;
    for (const Entry& entry : window) {
      if (entry.alert || events.insert(entry.event).second) counted.push_back(entry);
    }
    return counted;
  }

  static double value_of(const rules::Correlation& rule, const std::vector<Entry>& window,
                         const std::vector<Entry>& counted, const std::set<std::size_t>& present) {
    using Type = rules::CorrelationType;
    std::vector<double> numbers;
    std::set<std::vector<std::string>> distinct;
    for (const Entry& entry : counted) {
      distinct.insert(entry.values);
      if (!entry.values.empty()) numbers.push_back(number(entry.values[0]).value_or(0));
    }
    std::sort(numbers.begin(), numbers.end());
    double sum = 0;
    for (const double n : numbers) sum += n;
    switch (rule.type) {
      case Type::kEventCount:
        return static_cast<double>(counted.size());
      case Type::kValueCount:
        return static_cast<double>(distinct.size());
      case Type::kValueSum:
        return sum;
      case Type::kValueAverage:
        return sum / static_cast<double>(numbers.size());
      case Type::kValuePercentile:
        return percentile(numbers, rule.percentile);
      case Type::kValueMedian:
        return percentile(numbers, 50);
      case Type::kTemporal:
        return static_cast<double>(present.size());
      case Type::kTemporalOrdered:
        return longest_order(window, rule.references.size());
    }
    return 0;
  }

  static double percentile(const std::vector<double>& sorted, double percent) {
    const double rank = percent / 100 * static_cast<double>(sorted.size() - 1);
    const double low = std::floor(rank);
    const double share = rank - low;
    const double a = sorted[static_cast<std::size_t>(low)];
    if (share == 0) return a;
    return a * (1 - share) + sorted[static_cast<std::size_t>(low) + 1] * share;
  }

  // Tries every subset of the references: the largest that can be found one after another, each in
  // a later event than the one before, taking the first that comes every time.
  static double longest_order(const std::vector<Entry>& window, std::size_t references) {
    int best = 0;
    for (std::size_t subset = 1; subset < std::size_t{1} << references; ++subset) {
      std::size_t event = 0;
      bool found_all = true;
      for (std::size_t r = 0; r < references && found_all; ++r) {
        if ((subset >> r & 1) == 0) continue;
        const auto found = std::find_if(window.begin(), window.end(), [&](const Entry& entry) {
          return entry.reference == r && entry.event > event;
        });
        found_all = found != window.end();
        if (found_all) event = found->event;
      }
      if (found_all) best = std::max(best, __builtin_popcountll(subset));
    }
    return best;
  }

  static bool holds(const rules::Correlation& rule, double value,
                    const std::set<std::size_t>& present) {
    const bool ordered = rule.type == rules::CorrelationType::kTemporalOrdered;
    if (rule.condition) {
      return (!ordered || value == static_cast<double>(present.size())) &&
             holds(*rule.condition, present);
    }
    if (rule.bounds.empty() && (ordered || rule.type == rules::CorrelationType::kTemporal)) {
      return value >= static_cast<double>(rule.references.size());
    }
    for (const rules::Bound& bound : rule.bounds) {
      using Comparison = rules::Comparison;
      const bool one[] = {value == bound.value, value != bound.value,
                          value<bound.value, value <= bound.value, value> bound.value,
                          value >= bound.value};
      static_assert(static_cast<int>(Comparison::kGreaterEquals) == 5);
      if (!one[static_cast<int>(bound.comparison)]) return false;
    }
    return true;
  }

  static bool holds(const rules::Expression& expression, const std::set<std::size_t>& present) {
    using Kind = rules::Expression::Kind;
    bool any = false;
    bool all = true;
    for (const rules::Expression& child : expression.children) {
      const bool one = holds(child, present);
      any = any || one;
      all = all && one;
    }
    if (expression.kind == Kind::kAnd) return all;
    if (expression.kind == Kind::kOr) return any;
    if (expression.kind == Kind::kNot) return !all;
    if (expression.kind == Kind::kLeaf) return present.contains(std::stoul(expression.field));
    return expression.kind == Kind::kTrue;
  }

  const rules::RuleSet& rules_;
  TimeNs lateness_;
  std::size_t event_number_ = 0;
  std::deque<Source> sources_;
  std::map<Key, std::vector<Entry>> history_;
  std::map<Key, TimeNs> quiet_;
  std::vector<Alert> alerts_;
};

}  // namespace vedette::detect::oracle
