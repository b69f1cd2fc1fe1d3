// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "event/finding.h"
#include "formats/advisories/advisory.h"
#include "formats/packages/package.h"

namespace vedette::scan::vulnerabilities {

// Whether a program has what is vulnerable.
struct Reach {
  std::optional<bool> reachable;  // nothing: the advisories or the program do not tell
  std::string text;               // why
};

// `program`: with the functions that it has; `imports`: what advisories name. Of an import without
// symbols its package will do.
Reach reach_of(const formats::packages::PackageList& program,
               const std::vector<formats::advisories::Import>& imports);

// Sets FindingVulnerability::reachable with evidence, for the first place of a finding.
void set_reach(const Reach& reach, event::Finding& finding);
// For a further place: what is reachable in one place is, what is unknown in one is unknown.
void join_reach(const Reach& reach, event::Finding& finding);

}  // namespace vedette::scan::vulnerabilities
