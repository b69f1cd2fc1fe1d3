// SPDX-License-Identifier: Apache-2.0
#pragma once

#define XXH_INLINE_ALL
#include <cstdint>
#include <string_view>
#include <xxhash.h>

namespace vedette {

// Fast 64-bit hash for tables in memory (XXH3). Not for anything stored or shared with others, and
// not against an adversary: a table keyed by outside bytes must bound its chains.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace vedette
