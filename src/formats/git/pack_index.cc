// SPDX-License-Identifier: Apache-2.0
#include "formats/git/pack_index.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "formats/git/big_endian.h"

namespace vedette::formats::git {
namespace {

constexpr std::string_view kIndexMagic{"\xfftOc", 4};
constexpr std::string_view kMultiMagic = "MIDX";
constexpr std::size_t kFanoutBytes = 256 * 4;
constexpr std::uint32_t kLargeOffset = 0x80000000U;  // the rest is an index into the large ones
constexpr std::uint64_t kNoOffset = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kPacksMax = 1U << 20;

std::uint64_t large_offset(std::string_view large, std::uint32_t index) {
  const std::size_t at = std::size_t{index} * 8;
  return at + 8 <= large.size() ? big_endian_64(large.data() + at) : kNoOffset;
}

// Counts up to `byte` must not fall, or searches would leave the table.
bool fanout_ascends(const char* fanout) {
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const std::uint32_t count = big_endian_32(fanout + 4 * i);
    if (count < before) return false;
    before = count;
  }
  return true;
}

}  // namespace

Result<PackIndex> PackIndex::parse(std::string_view bytes, HashKind kind) {
  constexpr std::size_t kHead = 8;
  PackIndex index;
  index.hash_bytes_ = bytes_of(kind);
  if (bytes.size() < kHead + kFanoutBytes + 2 * index.hash_bytes_)
    return failure(ErrorCode::kTruncated, "the pack's index is cut off");
  if (!bytes.starts_with(kIndexMagic)) {
    return failure(ErrorCode::kUnsupported,
                   "expected a pack index of version 2, found something else; `git repack -ad` "
                   "writes the packs and their indexes anew");
  }
  if (const std::uint32_t version = big_endian_32(bytes.data() + 4); version != 2) {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a pack index of version 2, found {}", version));
  }
  index.fanout_ = bytes.data() + kHead;
  if (!fanout_ascends(index.fanout_))
    return failure(ErrorCode::kInvalid, "the pack's index is damaged: its counts fall");
  index.count_ = index.fanout(255);
  // Ids, checksums and offsets of all objects; large offsets; the checksums of pack and index.
  const std::size_t fixed = std::size_t{index.count_} * (index.hash_bytes_ + 8);
  const std::size_t rest = bytes.size() - kHead - kFanoutBytes - 2 * index.hash_bytes_;
  if (fixed > rest) return failure(ErrorCode::kTruncated, "the pack's index is cut off");
  index.ids_ = index.fanout_ + kFanoutBytes;
  index.offsets_ = index.ids_ + std::size_t{index.count_} * (index.hash_bytes_ + 4);
  index.large_offsets_ = {index.offsets_ + std::size_t{index.count_} * 4, rest - fixed};
  return index;
}

std::uint32_t PackIndex::fanout(std::size_t byte) const {
  return big_endian_32(fanout_ + 4 * byte);
}

std::optional<std::uint32_t> PackIndex::find(const ObjectId& id) const {
  const auto first = static_cast<std::uint8_t>(id.bytes[0]);
  std::uint32_t low = first == 0 ? 0 : fanout(first - 1U);
  std::uint32_t high = fanout(first);
  // Ids are evenly spread: a guess by the next four bytes lands near. Where it does not (a hostile
  // repository), halving goes on from what is left.
  const std::uint32_t wanted = big_endian_32(id.bytes.data() + 1);
  for (unsigned guesses = 0; guesses < 3 && high - low > 16; ++guesses) {
    const char* const low_id = ids_ + std::size_t{low} * hash_bytes_;
    const char* const high_id = ids_ + std::size_t{high - 1} * hash_bytes_;
    const std::uint64_t low_value = big_endian_32(low_id + 1);
    const std::uint64_t high_value = big_endian_32(high_id + 1);
    if (wanted < low_value || wanted > high_value) return std::nullopt;
    if (high_value == low_value) break;
    const auto guess = static_cast<std::uint32_t>(low + (wanted - low_value) * (high - 1 - low) /
                                                            (high_value - low_value));
    const int order =
        std::memcmp(ids_ + std::size_t{guess} * hash_bytes_, id.bytes.data(), hash_bytes_);
    if (order == 0) return guess;
    // The error of the guess is about the root of the range; look just so far.
    const std::uint32_t step = 1U + (high - low) / 32;
    if (order < 0) {
      low = guess + 1;
      if (high - low > step && std::memcmp(ids_ + std::size_t{low + step} * hash_bytes_,
                                           id.bytes.data(), hash_bytes_) > 0) {
        high = low + step;
      }
    } else {
      high = guess;
      if (high - low > step && std::memcmp(ids_ + std::size_t{high - step} * hash_bytes_,
                                           id.bytes.data(), hash_bytes_) < 0) {
        low = high - step;
      }
    }
  }
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const int order =
        std::memcmp(ids_ + std::size_t{middle} * hash_bytes_, id.bytes.data(), hash_bytes_);
    if (order == 0) return middle;
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

std::uint64_t PackIndex::offset(std::uint32_t position) const {
  const std::uint32_t offset = big_endian_32(offsets_ + std::size_t{position} * 4);
  if ((offset & kLargeOffset) == 0) return offset;
  return large_offset(large_offsets_, offset & ~kLargeOffset);
}

std::vector<ObjectId> PackIndex::find_prefix(const ObjectId& prefix, std::size_t digits,
                                             std::size_t most) const {
  const auto matches = [&](const ObjectId& candidate) {
    const std::size_t whole = digits / 2;
    if (std::memcmp(candidate.bytes.data(), prefix.bytes.data(), whole) != 0) return false;
    return digits % 2 == 0 || ((candidate.bytes[whole] ^ prefix.bytes[whole]) & 0xf0) == 0;
  };
  std::uint32_t low = 0;
  std::uint32_t high = count_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    (id(middle) < prefix ? low : high) = id(middle) < prefix ? middle + 1 : middle;
  }
  std::vector<ObjectId> found;
  for (; low < count_ && found.size() < most && matches(id(low)); ++low) found.push_back(id(low));
  return found;
}

namespace {

struct Chunks {
  std::string_view names, fanout, ids, offsets, large;
};

Result<Chunks> read_chunks(std::string_view bytes) {
  constexpr std::size_t kHead = 12;
  constexpr std::size_t kRow = 12;
  const std::size_t count = static_cast<std::uint8_t>(bytes[6]);
  if (bytes.size() < kHead + (count + 1) * kRow)
    return failure(ErrorCode::kTruncated, "the multi-pack-index is cut off");
  Chunks chunks;
  for (std::size_t i = 0; i < count; ++i) {
    const char* const row = bytes.data() + kHead + i * kRow;
    const std::uint64_t begin = big_endian_64(row + 4);
    const std::uint64_t end = big_endian_64(row + kRow + 4);
    if (begin > end || end > bytes.size())
      return failure(ErrorCode::kInvalid, "the multi-pack-index is damaged");
    const std::string_view chunk = bytes.substr(begin, end - begin);
    const std::string_view name(row, 4);
    if (name == "PNAM") chunks.names = chunk;
    if (name == "OIDF") chunks.fanout = chunk;
    if (name == "OIDL") chunks.ids = chunk;
    if (name == "OOFF") chunks.offsets = chunk;
    if (name == "LOFF") chunks.large = chunk;
  }
  return chunks;
}

}  // namespace

Result<MultiPackIndex> MultiPackIndex::parse(std::string_view bytes, HashKind kind) {
  MultiPackIndex index;
  index.hash_bytes_ = bytes_of(kind);
  if (bytes.size() < 12) return failure(ErrorCode::kTruncated, "the multi-pack-index is cut off");
  if (!bytes.starts_with(kMultiMagic) || bytes[4] != 1) {
    return failure(ErrorCode::kUnsupported,
                   "expected a multi-pack-index of version 1, found something else");
  }
  TRY(const Chunks chunks, read_chunks(bytes));
  if (chunks.fanout.size() < kFanoutBytes)
    return failure(ErrorCode::kInvalid, "the multi-pack-index is damaged");
  index.count_ = big_endian_32(chunks.fanout.data() + kFanoutBytes - 4);
  if (chunks.ids.size() / index.hash_bytes_ < index.count_ ||
      chunks.offsets.size() / 8 < index.count_) {
    return failure(ErrorCode::kTruncated, "the multi-pack-index is cut off");
  }
  const std::uint32_t packs = big_endian_32(bytes.data() + 8);
  if (packs > kPacksMax) return failure(ErrorCode::kLimit, "the multi-pack-index is damaged");
  for (std::string_view names = chunks.names; index.packs_.size() < packs;) {
    const std::size_t end = names.find('\0');
    if (end == std::string_view::npos)
      return failure(ErrorCode::kInvalid, "the multi-pack-index is damaged");
    index.packs_.emplace_back(names.substr(0, end));
    names.remove_prefix(end + 1);
  }
  index.ids_ = chunks.ids;
  index.offsets_ = chunks.offsets;
  index.large_offsets_ = chunks.large;
  return index;
}

ObjectId MultiPackIndex::id(std::uint32_t position) const {
  return ObjectId::from(ids_.data() + std::size_t{position} * hash_bytes_, hash_bytes_);
}

MultiPackIndex::Found MultiPackIndex::at(std::uint32_t position) const {
  const char* const row = offsets_.data() + std::size_t{position} * 8;
  const std::uint32_t offset = big_endian_32(row + 4);
  // Only where there is a table of large offsets the highest bit says so.
  if (large_offsets_.empty() || (offset & kLargeOffset) == 0) return {big_endian_32(row), offset};
  return {big_endian_32(row), large_offset(large_offsets_, offset & ~kLargeOffset)};
}

}  // namespace vedette::formats::git
