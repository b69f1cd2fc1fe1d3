// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/system/os_release.h"

#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kValueMax = 256;

// Without quotes and the backslashes that protect a character in them.
std::string value_of(std::string_view written) {
  std::string value;
  bool escaped = false;
  for (const char c : unquoted(trimmed(written))) {
    if (c == '\\' && !escaped) {
      escaped = true;
      continue;
    }
    escaped = false;
    if (value.size() < kValueMax) value += c;
  }
  return value;
}

}  // namespace

std::string OsRelease::distribution() const {
  if (id.empty()) return {};
  return version_id.empty() ? id : id + "-" + version_id;
}

OsRelease read_os_release(std::string_view bytes) {
  OsRelease system;
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const Halves halves = cut_first(trimmed(line), "=");
    if (!halves.found) continue;
    if (halves.before == "ID") system.id = lower(value_of(halves.behind));
    if (halves.before == "VERSION_ID") system.version_id = value_of(halves.behind);
    if (halves.before == "PRETTY_NAME") system.name = value_of(halves.behind);
  }
  return system;
}

bool is_of_system(Ecosystem ecosystem) {
  switch (ecosystem) {
    case Ecosystem::kAlpine:
    case Ecosystem::kArch:
    case Ecosystem::kDebian:
    case Ecosystem::kPortage:
    case Ecosystem::kRpm:
      return true;
    default:
      return false;
  }
}

void set_distribution(const OsRelease& system, PackageList& list) {
  const std::string distribution = system.distribution();
  for (Package& package : list.packages) {
    if (is_of_system(package.ecosystem)) package.distribution = distribution;
  }
}

}  // namespace vedette::formats::packages
