// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/priorities.h"

#include <array>
#include <string>

#include "base/unicode.h"

namespace vedette::rules::falco {
namespace {

using event::Level;
constexpr std::array kPriorities = {
    PriorityRow{"Emergency", Level::kCritical},
    PriorityRow{"Alert", Level::kCritical},
    PriorityRow{"Critical", Level::kCritical},
    PriorityRow{"Error", Level::kHigh},
    PriorityRow{"Warning", Level::kMedium},
    PriorityRow{"Notice", Level::kLow},
    PriorityRow{"Informational", Level::kInformational},
    PriorityRow{"Debug", Level::kInformational},
};

}  // namespace

std::span<const PriorityRow> priorities() { return kPriorities; }

std::optional<std::size_t> parse_priority(std::string_view text) {
  const std::string folded = fold_case(text) == "info" ? "informational" : fold_case(text);
  for (std::size_t i = 0; i < kPriorities.size(); ++i) {
    if (fold_case(kPriorities[i].name) == folded) return i;
  }
  return std::nullopt;
}

}  // namespace vedette::rules::falco
