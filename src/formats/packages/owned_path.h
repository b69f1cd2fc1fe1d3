// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/hash.h"

namespace vedette::formats::packages {

// What Package::files has for a path: a system has 100,000 files, and all that is asked is whose
// one is. Paths are of the root, with or without '/' before; "bin/ls" and "usr/bin/ls" are one
// file, as in all systems of today. Whoever builds an image may claim a file for a package anyway,
// so that two paths made to collide win nothing.
inline std::uint64_t path_key(std::string_view path) {
  constexpr std::array<std::string_view, 6> kMerged = {"bin/",   "sbin/",  "lib/",
                                                       "lib64/", "lib32/", "libx32/"};
  while (path.starts_with('/') || path.starts_with("./"))
    path.remove_prefix(path.starts_with('/') ? 1 : 2);
  for (const std::string_view one : kMerged) {
    if (path.starts_with(one)) return hash_bytes("usr/" + std::string(path));
  }
  return hash_bytes(path);
}

// A file of a package by its name, without '/' before.
struct OwnedFile {
  std::string path;
  std::optional<Sha1> sum;  // of its bytes, where that was asked; none of links and devices
  bool operator==(const OwnedFile&) const = default;
};

}  // namespace vedette::formats::packages
