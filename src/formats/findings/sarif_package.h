// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "event/finding.h"

namespace vedette::formats::findings {

// SARIF has no place for a package; scanners of packages write it into the message, each in its own
// words. Nothing where the rule names no vulnerability or the words are unknown.
std::optional<event::FindingVulnerability> package_in_message(std::string_view rule,
                                                              std::string_view message);

// The id of a vulnerability in a text: "CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q"; empty: none.
std::string_view vulnerability_id(std::string_view text);

}  // namespace vedette::formats::findings
