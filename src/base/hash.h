// SPDX-License-Identifier: Apache-2.0
#pragma once

#define XXH_INLINE_ALL
#include <cstdint>
#include <string_view>
#include <xxhash.h>

namespace vedette {

// Fast 64-bit hash (XXH3): for tables in memory, and as a checksum against accidents in what is
// stored (its values are fixed since 0.8.0). Not against an adversary: a table keyed by outside
// bytes must bound its chains, and a checksum proves nothing about who wrote.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace vedette
