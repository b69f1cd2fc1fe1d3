// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "formats/packages/package.h"

namespace vedette::formats::packages {

// Where systems say what they are; the first that is there speaks.
inline constexpr std::string_view kOsReleasePaths[] = {"etc/os-release", "usr/lib/os-release"};

// What a system says of itself, os-release(5).
struct OsRelease {
  std::string id;          // "debian", "opensuse-leap"; lower case
  std::string version_id;  // "12", "3.20.1"; empty for rolling ones
  std::string name;        // for people: "Debian GNU/Linux 12 (bookworm)"

  // Package::distribution: "debian-12", "arch"; empty when nothing is known.
  std::string distribution() const;
};

// The last assignment of a name holds, as a shell has it; nothing is expanded.
OsRelease read_os_release(std::string_view bytes);

// Says of packages of the system (not of languages) where they are from.
void set_distribution(const OsRelease& system, PackageList& list);
bool is_of_system(Ecosystem ecosystem);

}  // namespace vedette::formats::packages
