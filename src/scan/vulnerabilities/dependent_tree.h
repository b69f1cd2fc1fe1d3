// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "event/finding.h"
#include "formats/packages/inventory.h"

namespace vedette::scan::vulnerabilities {

inline constexpr std::size_t kDependentsMax = 50;  // of one package
inline constexpr std::uint32_t kDependentDepthMax = 12;

// Sets FindingVulnerability::dependents: why a package is there, from it up to the project's roots,
// in the first file that names it.
void add_dependents(const std::vector<formats::packages::PackageFile>& files,
                    std::vector<event::Finding>& findings);

}  // namespace vedette::scan::vulnerabilities
