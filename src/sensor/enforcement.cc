// SPDX-License-Identifier: Apache-2.0
#include "sensor/enforcement.h"

namespace vedette::sensor {

std::string EnforcementTable::rule_of(std::uint32_t id) const {
  const std::size_t action = id / VEDETTE_ENTRIES;
  const std::size_t entry = id % VEDETTE_ENTRIES;
  if (action >= rules.size() || entry >= rules[action].size()) return {};
  return rules[action][entry];
}

}  // namespace vedette::sensor
