// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <map>

#include "detect/naive_evaluator.h"
#include "engine/live/open_interest.h"
#include "engine/live/watch_run.h"
#include "formats/kernel/system_calls.h"
#include "rules/logsource.h"
#include "rules/possible_values.h"

namespace vedette::engine {
namespace {

using rules::PossibleValues;

constexpr std::string_view kType = "evt.type";
constexpr std::string_view kSource = "evt.source";

// Calls that the kernel's filter of opens looks at; others are told as they end.
bool is_plain_open(std::string_view type) { return type == "open" || type == "openat"; }

// Takes together what rules ask for, condition by condition.
class Collector {
 public:
  explicit Collector(Interest& interest) : interest_(interest) {}

  void add(const rules::Expression& condition) {
    if (!rules::possible_values(condition, kSource).allows("syscall")) return;
    const PossibleValues types = rules::possible_values(condition, kType);
    for (const formats::kernel::SystemCall& call : formats::kernel::system_calls()) {
      if (types.allows(call.name)) add(condition, call);
    }
    interest_.flows = interest_.flows || types.allows("flow");
    interest_.dns = interest_.dns || types.allows("dns");
    interest_.tls = interest_.tls || types.allows("tls");
  }

  void finish() {
    for (const auto& [number, call] : calls_) {
      if (call.successes || call.failures) interest_.calls.push_back(call);
    }
  }

 private:
  void add(const rules::Expression& condition, const formats::kernel::SystemCall& call) {
    Interest::Call& wanted =
        calls_.try_emplace(call.number, Interest::Call{call.number, false, false}).first->second;
    wanted.successes = wanted.successes || may_hold(condition, call.name, CallOutcome::kSuccess);
    wanted.failures = wanted.failures || may_hold(condition, call.name, CallOutcome::kFailure);
    if (!is_plain_open(call.name)) return;
    const auto collect = [&](OpenInterest& all, CallOutcome outcome) {
      if (!all.everything) {
        all = either(std::move(all), open_interest(condition, call.name, outcome));
      }
    };
    collect(interest_.reads, CallOutcome::kReadOnlyOpen);
    collect(interest_.failed_opens, CallOutcome::kFailure);
  }

  Interest& interest_;  // the caller's
  std::map<std::uint32_t, Interest::Call> calls_;
};

// The name of a process is known by its calls that set it.
void follow_names(Interest& interest) {
  constexpr std::uint32_t kPrctl = 157;
  if (interest.reads.programs.empty() && interest.failed_opens.programs.empty()) return;
  const auto place = std::ranges::lower_bound(interest.calls, kPrctl, {}, &Interest::Call::number);
  if (place != interest.calls.end() && place->number == kPrctl) {
    place->successes = true;
  } else {
    interest.calls.insert(place, {kPrctl, true, false});
  }
}

// A log source that does not ask for the type of an event is one of other records, whose fields no
// kernel event has: it asks for nothing here.
bool speaks_of_kernel(const rules::LogSourceEntry& entry) {
  const PossibleValues sources = rules::possible_values(entry.when, kSource);
  return !sources.all_but && sources.values.contains("syscall");
}

}  // namespace

Interest interest_of(const rules::RuleSet& rules, const rules::LogSources& log_sources,
                     bool use_log_sources) {
  rules::LogSources kernel;
  std::ranges::copy_if(log_sources.entries, std::back_inserter(kernel.entries), speaks_of_kernel);
  Interest interest;
  interest.reads = interest.failed_opens = {};
  Collector collector(interest);
  for (const rules::Rule& rule : rules.rules) {
    if (!use_log_sources) {
      collector.add(rule.condition);
      continue;
    }
    for (const rules::LogSourceEntry& entry : kernel.entries) {
      if (!rules::covers(rule.logsource, entry.source)) continue;
      collector.add(rules::Expression::make(
          rules::Expression::Kind::kAnd,
          {entry.when, detect::rename_fields(rule.condition, entry.fields)}));
    }
  }
  collector.finish();
  follow_names(interest);
  return interest;
}

Interest whole_interest() {
  Interest interest;
  for (const formats::kernel::SystemCall& call : formats::kernel::system_calls()) {
    interest.calls.push_back({call.number});
  }
  std::ranges::sort(interest.calls, {}, &Interest::Call::number);
  interest.flows = interest.dns = interest.tls = true;
  return interest;
}

}  // namespace vedette::engine
