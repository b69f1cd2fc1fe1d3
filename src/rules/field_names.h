// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/logsource.h"

namespace vedette::rules {

// The paths under which events may hold the field that a rule calls `field`, best first: its own
// name, its aliases, its name below each container. A path's position is its rank
// (event::Value::rank).
std::vector<std::string> paths_of(const LogSources& log_sources, std::string_view field);

}  // namespace vedette::rules
