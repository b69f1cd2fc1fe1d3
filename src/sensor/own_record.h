// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <time.h>

#include "formats/kernel/record_layout.h"

namespace vedette::sensor {

// The header of a record that the sensor itself makes, now.
inline vedette_record own_record(vedette_kind kind, std::uint64_t cgroup = 0) {
  vedette_record header = {};
  header.kind = static_cast<__u16>(kind);
  header.syscall = VEDETTE_NO_SYSCALL;
  header.cgroup = cgroup;
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  header.time = static_cast<__u64>(now.tv_sec) * 1'000'000'000U + static_cast<__u64>(now.tv_nsec);
  return header;
}

}  // namespace vedette::sensor
