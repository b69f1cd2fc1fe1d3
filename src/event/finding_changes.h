// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "event/finding.h"

namespace vedette::event {

// Vulnerabilities of one thing before and after. Pointers into what was given.
struct FindingChanges {
  std::vector<const Finding*> appeared;
  std::vector<const Finding*> fixed;  // or gone with their package
  std::vector<const Finding*> unchanged;
};

// A vulnerability of a package is the same whatever the package's version and the release of its
// distribution. What a statement suppresses is none.
FindingChanges compare_findings(const std::vector<Finding>& before,
                                const std::vector<Finding>& after);

}  // namespace vedette::event
