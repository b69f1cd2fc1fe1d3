// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace vedette::formats::git {

// What a repository names its objects by: `extensions.objectformat`.
enum class HashKind : std::uint8_t { kSha1, kSha256 };
constexpr std::size_t bytes_of(HashKind kind) { return kind == HashKind::kSha1 ? 20 : 32; }

// The name of an object. Behind a SHA-1 stand zeros, so that ids of one repository compare whole.
struct ObjectId {
  std::array<char, 32> bytes{};

  // The first `size` (20 or 32) bytes at `data`.
  static ObjectId from(const char* data, std::size_t size) {
    ObjectId id;
    std::memcpy(id.bytes.data(), data, size);
    return id;
  }
  // Exactly 40 or 64 hexadecimal digits, by `kind`.
  static std::optional<ObjectId> parse(std::string_view hexadecimal, HashKind kind);

  bool is_zero() const { return *this == ObjectId{}; }
  friend bool operator==(const ObjectId&, const ObjectId&) = default;
  friend auto operator<=>(const ObjectId& a, const ObjectId& b) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) <=> 0;
  }
};

std::string to_hexadecimal(const ObjectId& id, HashKind kind);

struct ObjectIdHash {
  std::size_t operator()(const ObjectId& id) const {
    // Ids are hashes, but those of a hostile repository may be chosen.
    return hash_bytes({id.bytes.data(), id.bytes.size()});
  }
};

}  // namespace vedette::formats::git
