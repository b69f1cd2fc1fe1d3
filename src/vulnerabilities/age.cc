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

std::string end_of_life(const DatabaseSummary& summary, std::string_view distribution, TimeNs now) {
  const std::size_t dash = std::min(distribution.rfind('-'), distribution.size());
  const std::string_view product = distribution.substr(0, dash);
  const std::string_view version = distribution.substr(std::min(dash + 1, distribution.size()));
  for (const Lifecycle& lifecycle : summary.lifecycles) {
    // "3.20" is the release of 3.20.1, and "12" that of 12.5.
    const bool is_release =
        lifecycle.product == product && version.starts_with(lifecycle.release) &&
        (version.size() == lifecycle.release.size() || version[lifecycle.release.size()] == '.');
    if (!is_release) continue;
    const std::optional<TimeNs> end = parse_time(lifecycle.end);
    if (lifecycle.ended || (end && *end < now)) {
      return fmt::format("{} {} is no longer looked after{}{}: what is new in it has no advisory",
                         product, version, lifecycle.end.empty() ? "" : " since ", lifecycle.end);
    }
  }
  return {};
}

}  // namespace vedette::vulnerabilities
