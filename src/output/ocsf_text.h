// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "event/alert.h"

// What all OCSF records write alike.
namespace vedette::output {

inline constexpr std::string_view kOcsfVersion = "1.9.0-dev";

// severity_id and its caption, by event::Level.
struct OcsfSeverity {
  int id;
  std::string_view caption;
};
inline constexpr std::array<OcsfSeverity, event::kLevelNames.size()> kOcsfSeverities = {
    {{1, "Informational"}, {2, "Low"}, {3, "Medium"}, {4, "High"}, {5, "Critical"}}};

// timestamp_t: milliseconds since 1970.
constexpr std::int64_t ocsf_time(TimeNs time) {
  constexpr TimeNs kNsPerMs = 1'000'000;
  return time / kNsPerMs - (time % kNsPerMs < 0 ? 1 : 0);
}

}  // namespace vedette::output
