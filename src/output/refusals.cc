// SPDX-License-Identifier: Apache-2.0
#include "output/refusals.h"

#include <algorithm>
#include <fmt/format.h>

#include "output/quantity.h"

namespace vedette::output {
namespace {

constexpr std::size_t kReasonsShown = 3;

}  // namespace

std::vector<std::string> refusal_lines(const event::Summary& summary) {
  std::vector<std::string> lines;
  const std::size_t shown = std::min(summary.refusals.size(), kReasonsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const event::RefusalGroup& group = summary.refusals[i];
    lines.push_back(fmt::format("{} as in {}: {}", count_text(group.count),
                                to_string(group.first.place), group.first.message));
  }
  std::uint64_t others = 0;
  for (std::size_t i = shown; i < summary.refusals.size(); ++i) others += summary.refusals[i].count;
  if (others != 0) lines.push_back(fmt::format("{} for other reasons", count_text(others)));
  return lines;
}

}  // namespace vedette::output
