// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "event/alert.h"
#include "event/sink.h"

namespace vedette::output {

using LevelCounts = std::array<std::uint64_t, event::kLevelNames.size()>;

// Escape sequences that begin a style; "" without colour.
struct Palette {
  static Palette with_colour();
  std::array<std::string_view, event::kLevelNames.size()> levels{};
  std::string_view dim;
  std::string_view bold;
  std::string_view reset;
};

// What a run did, as the lines under a table: counts by level, rate, rules, what was skipped.
void append_summary_text(const event::Summary& summary, const LevelCounts& counts,
                         const Palette& palette, std::string& out);

}  // namespace vedette::output
