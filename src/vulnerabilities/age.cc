// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/age.h"

#include <algorithm>
#include <fmt/format.h>

namespace vedette::vulnerabilities {

std::optional<int> age_days(const DatabaseSummary& summary, TimeNs now) {
  const std::optional<TimeNs> date = parse_time(summary.date);
  if (!date || now <= 0) return std::nullopt;
  constexpr TimeNs kDay = 86400 * kNsPerSecond;
  return static_cast<int>(std::max<TimeNs>(now - *date, 0) / kDay);
}

std::string staleness(const DatabaseSummary& summary, TimeNs now) {
  const std::optional<int> days = age_days(summary, now);
  if (!days)
    return "the age of the vulnerability database is unknown; what is new may be missing from it";
  if (*days <= kStaleDays) return {};
  return fmt::format(
      "the vulnerability database knows nothing that is newer than {} ({} days); build or update "
      "it",
      summary.date.substr(0, 10), *days);
}

}  // namespace vedette::vulnerabilities
