// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include "formats/git/object_id.h"
#include "formats/git/pack_entry.h"

// Packs and their indexes written by hand, so that they can hold what git would never write.
namespace vedette::formats::git {

inline std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xffU);
  return text;
}

inline std::string deflated(std::string_view text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::string packed(size, '\0');
  EXPECT_EQ(
      compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(text.data()), static_cast<uLong>(text.size()), 1),
      Z_OK);
  packed.resize(size);
  return packed;
}

// Seven bits a byte, the least first: sizes in deltas.
inline std::string delta_size(std::uint64_t size) {
  std::string text;
  for (; size > 127; size >>= 7) text += static_cast<char>((size & 127) | 128);
  return text + static_cast<char>(size);
}

// A delta that puts `text` (1 to 127 bytes) before all of a base of `base_size` (below 65,536).
inline std::string prepending_delta(std::size_t base_size, std::string_view text) {
  std::string delta = delta_size(base_size) + delta_size(base_size + text.size());
  delta += static_cast<char>(text.size());
  delta += text;
  if (base_size == 0) return delta;
  // A copy: offset 0, two bytes of size.
  delta += static_cast<char>(0x80 | 0x30);
  delta += static_cast<char>(base_size & 255);
  delta += static_cast<char>(base_size >> 8);
  return delta;
}

// An id for tests: its first bytes are `number`.
inline ObjectId id_of(std::uint32_t number) {
  ObjectId id;
  for (std::size_t i = 0; i < 20; ++i)
    id.bytes[i] = i < 4 ? static_cast<char>(number >> (24 - 8 * i) & 0xffU) : 'i';
  return id;
}

class TestPack {
 public:
  // Where the next entry will be.
  std::uint64_t end() const { return pack_.size(); }

  void add(ObjectId id, ObjectType type, std::string_view text) { add_raw(id, type, "", text); }
  void add_delta(ObjectId id, ObjectId base, std::string_view delta) {
    add_raw(id, ObjectType::kIdDelta, std::string(base.bytes.data(), 20), delta);
  }
  // `distance`: from this entry back to its base.
  void add_delta(ObjectId id, std::uint64_t distance, std::string_view delta) {
    std::string text(1, static_cast<char>(distance & 127));
    while (distance >>= 7) text.insert(text.begin(), static_cast<char>(128 | (--distance & 127)));
    add_raw(id, ObjectType::kOffsetDelta, text, delta);
  }
  // `base`: what stands between the head and the data.
  void add_raw(ObjectId id, ObjectType type, std::string_view base, std::string_view text) {
    rows_.push_back({id, pack_.size()});
    std::size_t size = text.size();
    auto head = static_cast<unsigned>(type) << 4 | (size & 15);
    for (size >>= 4; size != 0; size >>= 7) {
      pack_ += static_cast<char>(head | 128);
      head = size & 127;
    }
    pack_ += static_cast<char>(head);
    pack_ += base;
    pack_ += deflated(text);
  }
  // In the index alone.
  void add_row(ObjectId id, std::uint64_t offset) { rows_.push_back({id, offset}); }

  std::string pack() const {
    std::string text = pack_ + std::string(20, 'c');
    return text.replace(8, 4, big_endian(rows_.size(), 4));
  }
  std::string index() const {
    std::vector<Row> rows = rows_;
    std::ranges::sort(rows, {}, &Row::id);
    std::string counts, ids, checks, offsets, large;
    for (unsigned byte = 0; byte < 256; ++byte) {
      counts += big_endian(
          static_cast<std::uint64_t>(std::ranges::count_if(
              rows,
              [&](const Row& row) { return static_cast<std::uint8_t>(row.id.bytes[0]) <= byte; })),
          4);
    }
    for (const Row& row : rows) {
      ids.append(row.id.bytes.data(), 20);
      checks += big_endian(0, 4);
      if (row.offset < 0x80000000U) {
        offsets += big_endian(row.offset, 4);
      } else {
        offsets += big_endian(0x80000000U | large.size() / 8, 4);
        large += big_endian(row.offset, 8);
      }
    }
    return "\xfftOc" + big_endian(2, 4) + counts + ids + checks + offsets + large +
           std::string(40, 'c');
  }

 private:
  struct Row {
    ObjectId id;
    std::uint64_t offset = 0;
  };
  std::string pack_ = "PACK" + big_endian(2, 4) + big_endian(0, 4);
  std::vector<Row> rows_;
};

}  // namespace vedette::formats::git
