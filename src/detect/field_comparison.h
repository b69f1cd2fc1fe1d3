// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "event/event.h"
#include "rules/program.h"

namespace vedette::detect {

// Strings, numbers and booleans have text; null and structures have none.
inline bool has_text(const event::Value& value) {
  return value.kind == event::Kind::kString || value.kind == event::Kind::kNumber ||
         value.kind == event::Kind::kBoolean;
}

// A test of the kind rules::Test::kField…: whether some value of the one field passes against some
// value of the other. `scratch` is cleared.
bool compare_fields(const rules::PredicateRow& row, const event::Event& event, Arena& scratch);

}  // namespace vedette::detect
