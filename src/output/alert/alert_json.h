// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>

#include "base/json_writer.h"
#include "event/alert.h"
#include "event/sink.h"

// Alerts and summaries as JSON, the same in every format that holds them (ndjson, json).
// docs/output.md lists the keys; they only ever grow.
namespace vedette::output {

enum class EventFields : bool { kLeaveOut, kInclude };

// Whether what the rule matches was prevented (`action: block`): the event says by which rule.
inline bool is_blocked(const event::Alert& alert) {
  return std::ranges::any_of(
      alert.matched, [](const event::MatchedField& leaf) { return leaf.field == "evt.blocked"; });
}

// An alert stands for several events: a correlation, or a group of --group.
inline bool is_folded(const event::Alert& alert) {
  return alert.rule->correlation || alert.event_count > 1;
}

// One object: time, level, rule, input, record, the roles that are known, matched; for
// correlations and groups also group, value, event_count, first_time and rules.
void append_alert(const event::Alert& alert, EventFields fields, JsonWriter& json);

// One object of all fields; a name that occurs several times holds an array of its values.
// Numbers, booleans and null are written as such.
void append_fields(std::span<const event::AlertField> fields, JsonWriter& json);

// One object with every number of the run, its inputs and what went wrong in them.
void append_summary(const event::Summary& summary, JsonWriter& json);

}  // namespace vedette::output
