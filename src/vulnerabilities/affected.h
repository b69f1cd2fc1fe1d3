// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "formats/packages/package.h"
#include "vulnerabilities/record.h"

// Whether an advisory means a version: OSV's evaluation algorithm.
// https://ossf.github.io/osv-schema/#evaluation
namespace vedette::vulnerabilities {

// Puts events in the order of their versions, as is_in_range() wants them; equal ones stay as they
// are.
void sort_events(formats::packages::Ecosystem ecosystem, Range& range);

// False for ranges of commits, which say nothing of versions.
bool is_in_range(formats::packages::Ecosystem ecosystem, std::string_view version,
                 const Range& range);

// In a range, or listed.
bool is_affected(formats::packages::Ecosystem ecosystem, std::string_view version,
                 const AffectedRecord& record);

}  // namespace vedette::vulnerabilities
