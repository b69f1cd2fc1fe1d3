// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "detect/naive_evaluator.h"
#include "engine/watch_run.h"
#include "formats/kernel/system_calls.h"
#include "rules/logsource.h"
#include "rules/possible_values.h"

namespace vedette::engine {
namespace {

using rules::PossibleValues;

constexpr std::string_view kType = "evt.type";
constexpr std::string_view kSource = "evt.source";

// Types of kernel events that a condition can hold for.
PossibleValues types_of(const rules::Expression& condition) {
  if (!rules::possible_values(condition, kSource).allows("syscall")) return {false, {}};
  return rules::possible_values(condition, kType);
}

PossibleValues types_of(const rules::Rule& rule, const rules::LogSources& log_sources,
                        bool use_log_sources) {
  if (!use_log_sources) return types_of(rule.condition);
  PossibleValues types{false, {}};
  for (const rules::LogSourceEntry& entry : log_sources.entries) {
    if (!rules::covers(rule.logsource, entry.source)) continue;
    const PossibleValues of_entry = types_of(entry.when);
    if (!of_entry.all_but && of_entry.values.empty()) continue;
    const PossibleValues of_rule = types_of(detect::rename_fields(rule.condition, entry.fields));
    types = either(types, both(of_entry, of_rule));
  }
  return types;
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
  PossibleValues types{false, {}};
  for (const rules::Rule& rule : rules.rules) {
    types = either(types, types_of(rule, kernel, use_log_sources));
  }
  Interest interest;
  for (const formats::kernel::SystemCall& call : formats::kernel::system_calls()) {
    if (types.allows(call.name)) interest.calls.push_back(call.number);
  }
  std::ranges::sort(interest.calls);
  interest.flows = types.allows("flow");
  interest.dns = types.allows("dns");
  interest.tls = types.allows("tls");
  return interest;
}

Interest whole_interest() {
  Interest interest;
  for (const formats::kernel::SystemCall& call : formats::kernel::system_calls()) {
    interest.calls.push_back(call.number);
  }
  std::ranges::sort(interest.calls);
  interest.flows = interest.dns = interest.tls = true;
  return interest;
}

}  // namespace vedette::engine
