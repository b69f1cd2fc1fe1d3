// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "event/alert.h"
#include "vulnerabilities/record.h"

namespace vedette::vulnerabilities {

// How grave a vulnerability is.
struct Rating {
  event::Level level = event::Level::kMedium;
  double score = -1;   // of `vector`; -1: there is none
  std::string vector;  // of CVSS
  std::string word;    // what was said where there is no vector
  bool is_known = false;
};

// Of all that is said, the newest version of CVSS counts, of several vectors of it the gravest;
// without a vector the gravest word. Bounds of the levels are CVSS's own (3.1, section 5). Where
// nothing is said, medium.
Rating rate(const std::vector<Severity>& severity);

}  // namespace vedette::vulnerabilities
