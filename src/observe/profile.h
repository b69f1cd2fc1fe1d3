// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// What is normal for each image, as `vedette watch --learn` writes it and people correct it.
namespace vedette::observe {

// An end that an image talks to. As text "tcp/10.0.0.5:443 api.example", "udp/[fd00::1]:53".
struct Destination {
  std::string protocol;
  std::string address;  // "*": any
  std::uint16_t port = 0;
  std::string name;  // that DNS gave for it; any address of that name is as good

  std::string text() const;
  auto operator<=>(const Destination&) const = default;
};

struct ImageProfile {
  std::set<std::string> executables;  // patterns of paths
  // Of each executable the parents seen; a subset of `executables` has an entry.
  std::map<std::string, std::set<std::string>, std::less<>> parents;
  std::set<std::string> files_written;  // patterns of paths
  std::set<std::string> listens;        // "tcp/80", "tcp/ephemeral"
  std::set<Destination> destinations;
  std::set<std::string> system_calls;         // of x86-64
  std::set<std::string> compat_system_calls;  // of i386
  bool system_calls_known = false;            // false: they were not looked at, and are not judged
  // For network policies.
  std::string pod_namespace;
  std::map<std::string, std::string> labels;
  std::uint64_t forgotten = 0;  // beyond the bounds of learning
};

struct Profile {
  std::map<std::string, ImageProfile, std::less<>> images;
  std::uint64_t lost = 0;  // events lost while it was learned
};

// Version 1 of the format, described in docs/baseline.md; the same profile gives the same bytes.
std::string to_yaml(const Profile& profile);

// Reads what to_yaml() writes, and what people make of it. The error names the line of `file` (a
// name for messages). Unknown keys are errors: they would look as if they worked.
Result<Profile> read_profile(std::string_view yaml, const std::string& file, const Limits& limits);

// "tcp/80" or "tcp/ephemeral".
std::string listen_text(std::string_view protocol, std::uint16_t port);

}  // namespace vedette::observe
