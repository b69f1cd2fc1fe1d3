// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "event/alert.h"
#include "observe/checker.h"

namespace vedette::engine {

// Deviations from a profile as rules, by DeviationKind: what an alert says of itself.
std::array<event::RuleInfo, observe::kDeviationKinds> deviation_rules(const std::string& file);

// Names of Alert::event and Alert::output_fields of a deviation, in this order.
std::span<const std::string_view> deviation_fields();

}  // namespace vedette::engine
