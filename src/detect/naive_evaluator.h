// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detect/event_fields.h"
#include "rules/model.h"

// The meaning of rules::Expression, written as plainly as possible: walks the tree over a map of
// fields. It is the oracle that the compiled program must agree with, and what `rules explain`
// shows. Slow.
namespace vedette::detect {

bool evaluate(const rules::Expression& expression, const EventFields& event);

// Whether one predicate holds for the field (rules::kAnyField: for any value of the event).
bool evaluate_leaf(std::string_view field, const rules::Predicate& predicate,
                   const EventFields& event);

// Whether a text passes a predicate that asks it of one text alone: not kNull, kExists and those
// that compare fields.
bool text_passes(const rules::Predicate& predicate, std::string_view text);

// Field names as a view of a log source entry renames them; names that are not in `fields` stay.
rules::Expression rename_fields(const rules::Expression& expression,
                                const std::map<std::string, std::string, std::less<>>& fields);

// Whether an event belongs to a log source that the rule may see, and the rule's condition holds
// under one of the views of such a source. `use_log_sources` false: every rule sees every event
// under its own names.
bool matches(const rules::Rule& rule, const rules::LogSources& log_sources,
             const EventFields& event, bool use_log_sources);

}  // namespace vedette::detect
