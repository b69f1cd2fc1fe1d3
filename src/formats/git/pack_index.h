// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/git/object_id.h"

namespace vedette::formats::git {

// Which objects a pack holds, and where: a `.idx` of version 2 (gitformat-pack). The view is not
// owned and must outlive this. All access is checked, none allocates. Any thread.
class PackIndex {
 public:
  // kInvalid, kTruncated; kUnsupported for another version.
  static Result<PackIndex> parse(std::string_view bytes, HashKind kind);

  std::uint32_t count() const { return count_; }
  // Position among the sorted ids.
  std::optional<std::uint32_t> find(const ObjectId& id) const;
  // `position` < count().
  ObjectId id(std::uint32_t position) const {
    return ObjectId::from(ids_ + std::size_t{position} * hash_bytes_, hash_bytes_);
  }
  // Of the object's entry in the pack; the greatest number where the index is damaged.
  std::uint64_t offset(std::uint32_t position) const;
  // Ids whose first `digits` hexadecimal digits are those of `prefix`, at most `most`.
  std::vector<ObjectId> find_prefix(const ObjectId& prefix, std::size_t digits,
                                    std::size_t most) const;

 private:
  std::uint32_t fanout(std::size_t byte) const;

  std::size_t hash_bytes_ = 0;
  std::uint32_t count_ = 0;
  const char* fanout_ = nullptr;
  const char* ids_ = nullptr;
  const char* offsets_ = nullptr;
  std::string_view large_offsets_;
};

// The index of many packs: `multi-pack-index`, version 1. As above.
class MultiPackIndex {
 public:
  static Result<MultiPackIndex> parse(std::string_view bytes, HashKind kind);

  struct Found {
    std::uint32_t pack = 0;  // index into packs()
    std::uint64_t offset = 0;
  };
  const std::vector<std::string>& packs() const { return packs_; }  // "pack-….idx"
  std::uint32_t count() const { return count_; }
  ObjectId id(std::uint32_t position) const;
  Found at(std::uint32_t position) const;

 private:
  std::size_t hash_bytes_ = 0;
  std::uint32_t count_ = 0;
  std::vector<std::string> packs_;
  std::string_view ids_;
  std::string_view offsets_;
  std::string_view large_offsets_;
};

}  // namespace vedette::formats::git
