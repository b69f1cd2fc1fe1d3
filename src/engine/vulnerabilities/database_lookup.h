// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vulnerabilities/database.h"
#include "vulnerabilities/matcher.h"

namespace vedette::engine {

struct KnownVulnerability {
  vulnerabilities::Vulnerability vulnerability;
  vulnerabilities::Rating rating;
  std::vector<vulnerabilities::AdvisoryRecord> advisories;
  // Where a package was asked for: "PyPI requests", what each of the advisories says of it, and the
  // smallest version that is free of this one.
  std::string package;
  std::vector<vulnerabilities::AffectedRecord> affected;
  std::string fixed;
};

// What is known about an id of a vulnerability or an advisory ("CVE-2023-32681"), or about a
// package in a version or in any: "requests@2.19.0", "PyPI:requests@2.19.0", "Debian:12:curl",
// "pkg:pypi/requests@2.19.0". A name without ecosystem is looked for in all of them.
Result<std::vector<KnownVulnerability>> look_up(const vulnerabilities::Database& database,
                                                std::string_view query);

}  // namespace vedette::engine
