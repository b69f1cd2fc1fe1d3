// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "rules/model.h"

namespace vedette::rules {

// Values that a field may have where a condition holds: those listed, or all but those listed.
// Text is folded to small letters.
struct PossibleValues {
  bool all_but = true;
  std::set<std::string, std::less<>> values;

  bool allows(std::string_view value) const { return values.contains(value) != all_but; }
};

// Never too small: what is not understood allows everything.
PossibleValues possible_values(const Expression& condition, std::string_view field);

PossibleValues both(const PossibleValues& a, const PossibleValues& b);
PossibleValues either(const PossibleValues& a, const PossibleValues& b);

}  // namespace vedette::rules
