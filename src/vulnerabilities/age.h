// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "vulnerabilities/record.h"

namespace vedette::vulnerabilities {

// What was published later than this is a week's work of those who attack.
inline constexpr int kStaleDays = 7;

// Days from the newest advisory in a database to `now`; nothing when either is not known.
std::optional<int> age_days(const DatabaseSummary& summary, TimeNs now);

// One sentence for a report, where the database is older than kStaleDays or its age is unknown;
// empty where all is well.
std::string staleness(const DatabaseSummary& summary, TimeNs now);

// One sentence, where the database knows that nobody looks after a distribution's release any more
// ("debian-10", as packages have it): advisories then stop, not vulnerabilities. Else empty.
std::string end_of_life(const DatabaseSummary& summary, std::string_view distribution, TimeNs now);

}  // namespace vedette::vulnerabilities
