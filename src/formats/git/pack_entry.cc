// SPDX-License-Identifier: Apache-2.0
#include "formats/git/pack_entry.h"

#include <fmt/format.h>

#include "formats/git/big_endian.h"

namespace vedette::formats::git {
namespace {

std::unexpected<Error> cut_off() {
  return failure(ErrorCode::kTruncated, "the pack ends inside of it");
}

// How far back the base is: like a size, but each further byte adds one, so that no number has two
// forms.
Result<std::uint64_t> read_distance(std::string_view pack, std::uint64_t& at) {
  std::uint64_t distance = 0;
  for (unsigned count = 0; count < 9; ++count) {
    if (at >= pack.size()) return cut_off();
    const auto byte = static_cast<std::uint8_t>(pack[at++]);
    distance = distance << 7 | (byte & 0x7fU);
    if ((byte & 0x80U) == 0) return distance;
    ++distance;
  }
  return failure(ErrorCode::kInvalid, "the distance to its base is damaged");
}

}  // namespace

Result<void> check_pack_head(std::string_view pack) {
  if (pack.size() < kPackHeadBytes) return failure(ErrorCode::kTruncated, "the pack is cut off");
  const std::uint32_t version = big_endian_32(pack.data() + 4);
  if (!pack.starts_with("PACK") || (version != 2 && version != 3)) {
    return failure(ErrorCode::kUnsupported,
                   "expected a pack of version 2 or 3, found something else");
  }
  return {};
}

Result<PackEntry> parse_pack_entry(std::string_view bytes, std::uint64_t offset, HashKind kind) {
  if (offset < kPackHeadBytes || bytes.empty()) return cut_off();
  std::uint64_t at = 0;
  auto byte = static_cast<std::uint8_t>(bytes[at++]);
  PackEntry entry;
  entry.type = static_cast<ObjectType>(byte >> 4 & 7U);
  entry.size = byte & 15U;
  for (unsigned shift = 4; (byte & 0x80U) != 0; shift += 7) {
    if (shift > 57) return failure(ErrorCode::kInvalid, "its size is damaged");
    if (at >= bytes.size()) return cut_off();
    byte = static_cast<std::uint8_t>(bytes[at++]);
    entry.size |= std::uint64_t{byte & 0x7fU} << shift;
  }
  if (entry.type == ObjectType::kOffsetDelta) {
    TRY(const std::uint64_t distance, read_distance(bytes, at));
    if (distance == 0 || distance > offset)
      return failure(ErrorCode::kInvalid, "the distance to its base is damaged");
    entry.base_offset = offset - distance;
  } else if (entry.type == ObjectType::kIdDelta) {
    if (bytes.size() - at < bytes_of(kind)) return cut_off();
    entry.base_id = ObjectId::from(bytes.data() + at, bytes_of(kind));
    at += bytes_of(kind);
  } else if (entry.type == ObjectType::kNone || static_cast<unsigned>(entry.type) == 5) {
    return failure(ErrorCode::kInvalid, "it is of an unknown type");
  }
  entry.data = offset + at;
  return entry;
}

}  // namespace vedette::formats::git
