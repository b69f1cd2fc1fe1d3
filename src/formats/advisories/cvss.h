// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"

// Scores computed from vectors, as the specifications of FIRST define them.
namespace vedette::formats::advisories {

// 0 to 10, one decimal. CVSS 2.0 ("AV:N/AC:L/Au:N/…", in parentheses or not) and 3.0 and 3.1
// ("CVSS:3.1/…"): the base score. CVSS 4.0: of all metrics that the vector has. ErrorCode::kInvalid
// for metrics that are missing, twice there or unknown.
Result<double> cvss_score(std::string_view vector);

}  // namespace vedette::formats::advisories
