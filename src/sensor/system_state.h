// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace vedette::sensor {

// What a host is like when the sensor starts, as records. Each function appends to `out`.
// Paths are parameters so that tests have hosts of their own.

// HOST: names, and when it booted.
void write_host(std::string& out);

// USER and GROUP of /etc/passwd and /etc/group below `root`; of the container `container_id`, or of
// the host when that is empty. Lines that are none are left out.
void write_accounts(std::string& out, const std::string& root, std::string_view container_id);

// CGROUP of every directory of the unified hierarchy mounted at `mount`; `each` is told of each.
// At most kCgroupsMax.
constexpr std::size_t kCgroupsMax = 65536;
void write_cgroups(std::string& out, const std::string& mount,
                   const std::function<void(std::uint64_t id, std::string_view path)>& each);
// Where the unified hierarchy is mounted, by /proc/self/mountinfo; empty: nowhere.
std::string unified_mount();

// Adds to the TASK records in `tasks` what only /proc/PID tells: ARGUMENTS and ENVIRONMENT.
std::string with_arguments(std::string_view tasks, std::size_t arguments_max,
                           std::size_t environment_max);

}  // namespace vedette::sensor
