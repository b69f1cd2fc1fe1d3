// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/self_confinement.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vedette::engine {
namespace {

ConfinementStep failed(std::string measure, std::string_view what) {
  return {std::move(measure), false, fmt::format("{}: {}", what, std::strerror(errno))};
}

// Rights by the ABI that brought them; the header may be older than the kernel.
constexpr std::uint64_t kExecute = 1ULL << 0;
constexpr std::uint64_t kWriteFile = 1ULL << 1;
constexpr std::uint64_t kReadFile = 1ULL << 2;
constexpr std::uint64_t kReadFolder = 1ULL << 3;
constexpr std::uint64_t kFirstAbi = (1ULL << 13) - 1;
constexpr std::uint64_t kRefer = 1ULL << 13;                        // ABI 2
constexpr std::uint64_t kTruncate = 1ULL << 14;                     // ABI 3
constexpr std::uint64_t kDeviceIoctl = 1ULL << 15;                  // ABI 5
constexpr std::uint64_t kMakeDevices = (1ULL << 6) | (1ULL << 11);  // character and block devices
constexpr std::uint64_t kBindTcp = 1ULL << 0;                       // ABI 4
constexpr std::uint64_t kConnectTcp = 1ULL << 1;

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
};

std::uint64_t file_rights(long abi) {
  std::uint64_t rights = kFirstAbi;
  if (abi >= 2) rights |= kRefer;
  if (abi >= 3) rights |= kTruncate;
  if (abi >= 5) rights |= kDeviceIoctl;
  return rights;
}

// Adds a path; false when it is not there or cannot be added.
bool allow_path(int ruleset, const std::string& path, std::uint64_t rights) {
  const int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && !S_ISDIR(status.st_mode)) {
    rights &= kExecute | kWriteFile | kReadFile | kTruncate | kDeviceIoctl;
  }
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = descriptor;
  const long added =
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(descriptor);
  return added == 0;
}

}  // namespace

bool ConfinementReport::complete() const {
  return std::all_of(steps.begin(), steps.end(),
                     [](const ConfinementStep& step) { return step.applied; });
}

std::string ConfinementReport::to_string() const {
  std::string text;
  for (const ConfinementStep& step : steps) {
    text +=
        fmt::format("{}: {}{}\n", step.measure, step.applied ? "" : "NOT APPLIED, ", step.detail);
  }
  return text;
}

ConfinementStep forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs", "prctl");
  return {"no_new_privs", true, "nothing that is executed gains privileges"};
}

ConfinementStep drop_capabilities(const std::vector<int>& kept) {
  const auto is_kept = [&](int number) {
    return std::find(kept.begin(), kept.end(), number) != kept.end();
  };
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // The bounding set can only be changed with CAP_SETPCAP, so it comes first; without it there is
  // nothing that could be gained from the bounding set anyway, as no_new_privs is set.
  bool bounded = true;
  for (int number = 0; ::prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; ++number) {
    if (!is_kept(number) && ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) bounded = false;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return failed("capabilities", "capget");
  std::array<std::uint32_t, 2> wanted{};
  for (const int number : kept) {
    if (number >= 0 && number < 64) {
      wanted[static_cast<std::size_t>(number / 32)] |= 1U << (number % 32);
    }
  }
  int count = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    // What is not permitted now cannot be kept.
    sets[i].permitted &= wanted[i];
    sets[i].effective = sets[i].permitted;
    sets[i].inheritable = 0;
    count += __builtin_popcount(sets[i].permitted);
  }
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return failed("capabilities", "capset");
  return {"capabilities", true,
          fmt::format("{} of {} wanted are kept{}", count, kept.size(),
                      bounded ? "" : "; the bounding set could not be changed")};
}

ConfinementStep restrict_files(const Confinement& confinement) {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return failed("landlock", "this kernel has no Landlock, or it is not enabled");
  std::uint64_t rights = file_rights(abi);
  if (!confinement.restricts_reading) rights &= ~(kReadFile | kReadFolder);
  RulesetAttributes attributes;
  attributes.files = rights;
  if (abi >= 4) attributes.network = confinement.connects ? kBindTcp : kBindTcp | kConnectTcp;
  const std::size_t size = abi >= 4 ? sizeof(attributes) : sizeof(attributes.files);
  const int ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  if (ruleset < 0) return failed("landlock", "landlock_create_ruleset");
  std::string missing;
  const auto allow = [&](const std::vector<std::string>& paths, std::uint64_t allowed) {
    for (const std::string& path : paths) {
      if (!allow_path(ruleset, path, allowed & rights)) missing += " " + path;
    }
  };
  if (confinement.restricts_reading) allow(confinement.readable, kReadFile | kReadFolder);
  allow(confinement.writable, rights & ~(kExecute | kMakeDevices | kDeviceIoctl));
  const long restricted = ::syscall(SYS_landlock_restrict_self, ruleset, 0);
  const int error = errno;
  ::close(ruleset);
  errno = error;
  if (restricted != 0) return failed("landlock", "landlock_restrict_self");
  return {"landlock", true,
          fmt::format("version {}: {} readable, {} paths writable, nothing executable{}{}", abi,
                      confinement.restricts_reading
                          ? fmt::format("{} paths", confinement.readable.size())
                          : "all files",
                      confinement.writable.size(), abi >= 4 ? "" : "; TCP is not restricted",
                      missing.empty() ? "" : "; left out as they are not there:" + missing)};
}

ConfinementReport confine(const Confinement& confinement) {
  ConfinementReport report;
  report.steps.push_back(forbid_new_privileges());
  report.steps.push_back(restrict_files(confinement));
  report.steps.push_back(drop_capabilities(confinement.capabilities));
  report.steps.push_back(filter_system_calls(confinement.connects));
  return report;
}

}  // namespace vedette::engine
