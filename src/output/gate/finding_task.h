// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "event/finding.h"

namespace vedette::output {

// What there is to do about a finding.
enum class Task : std::uint8_t { kUpgrade, kNoFix, kRevoke, kModel, kCode, kWaiver };
inline constexpr std::size_t kTaskCount = 6;

Task task_of(const event::Finding& finding);

// The version that an upgrade leads to; empty: none is known that mends it.
std::string upgrade_of(const event::FindingVulnerability& vulnerability);

// "reports/a.py" of "./reports/a.py": services want paths from the root of the repository.
std::string_view path_from_root(const event::FindingPlace& place);

}  // namespace vedette::output
