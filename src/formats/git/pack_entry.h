// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "formats/git/object_id.h"

namespace vedette::formats::git {

// The numbers are those of packs.
enum class ObjectType : std::uint8_t {
  kNone = 0,
  kCommit = 1,
  kTree = 2,
  kBlob = 3,
  kTag = 4,
  kOffsetDelta = 6,
  kIdDelta = 7,
};
constexpr bool is_delta(ObjectType type) { return type >= ObjectType::kOffsetDelta; }

// What stands before an object's data in a pack (gitformat-pack, "Pack file entry").
struct PackEntry {
  ObjectType type = ObjectType::kNone;
  std::uint64_t size = 0;         // of what the zlib data unpacks to: the object, or its delta
  std::uint64_t data = 0;         // where the zlib data begins
  std::uint64_t base_offset = 0;  // of kOffsetDelta; smaller than the entry's own
  ObjectId base_id;               // of kIdDelta
};

// The first bytes of a pack.
inline constexpr std::size_t kPackHeadBytes = 12;
// kUnsupported when `pack` is no pack of version 2 or 3, kTruncated.
Result<void> check_pack_head(std::string_view pack);

// The entry at `offset` of a pack, of which `bytes` is what stands there; kInvalid, kTruncated.
Result<PackEntry> parse_pack_entry(std::string_view bytes, std::uint64_t offset, HashKind kind);
// As many bytes as an entry's head has at most.
inline constexpr std::size_t kEntryHeadMax = 64;

}  // namespace vedette::formats::git
