// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "event/alert.h"

namespace vedette::rules::falco {

struct PriorityRow {
  std::string_view name;  // as Falco prints it
  event::Level level = event::Level::kMedium;
};
// The most urgent first.
std::span<const PriorityRow> priorities();

// Index into priorities(); letters' case plays no part, and "info" is short for informational.
std::optional<std::size_t> parse_priority(std::string_view text);

}  // namespace vedette::rules::falco
