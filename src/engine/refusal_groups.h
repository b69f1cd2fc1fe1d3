// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "event/sink.h"
#include "rules/model.h"

namespace vedette::engine {

// Refused rules by reason: reasons that differ only in what they quote ('…', %…%) and in numbers
// are alike. Most rules first, groups of one size in the order of their first rules.
std::vector<event::RefusalGroup> group_refusals(std::span<const rules::Refusal> refused);

}  // namespace vedette::engine
