// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "event/field_tree.h"

namespace vedette::formats::logs {

// Where keys lead, learned from the records before: programs write the keys of like records in like
// order, so a key is first compared with the ones that followed its predecessor the last two times.
// That takes one comparison where FieldTree::child() takes a hash, a probe and, for keys that
// nobody wants, a search for escapes. What a prediction answers is what the tree answers: a wrong
// guess costs time only. Bounded; one per decoder, not thread-safe.
class JsonKeys {
 public:
  using Index = std::uint32_t;
  static constexpr Index kFirst = 0;  // stands in front of a record's first key

  // Where a value belongs.
  struct Place {
    event::FieldTree::Node node = event::FieldTree::kNone;  // kNone: nobody wants it
    // The first of the node's targets, and how many it has: 0, 1 or more. kEmbedded stands for any
    // number where the value itself may be JSON (json_shapes.h).
    event::FieldTree::Target target;
    std::uint32_t target_count = 0;
    static constexpr std::uint32_t kEmbedded = 0xFFFFFFFF;
  };

  // `tree` outlives it.
  explicit JsonKeys(const event::FieldTree& tree) : tree_(tree) { forget(); }

  // Valid until the next look-up.
  const Place& operator[](Index index) const { return known_[index].place; }

  // The key behind `last` under `parent`: its opening quote stands at `quote`, with at least 32
  // readable bytes, and a colon that is part of the structure `distance` bytes behind. Anything
  // else than "KEY": with no blank inside gives kFirst.
  Index find(Index last, event::FieldTree::Node parent, const char* quote, std::uint32_t distance) {
    Known& before = known_[last];
    if (is(known_[before.next], parent, quote, distance)) [[likely]]
      return before.next;
    if (is(known_[before.other], parent, quote, distance)) {
      std::swap(before.next, before.other);
      return before.next;
    }
    // A quote right in front of a colon closes its string: the colon stands outside.
    if (distance < 2 || quote[0] != '"' || quote[distance] != ':' || quote[distance - 1] != '"')
      return kFirst;
    return look_up(last, parent, {quote + 1, distance - 2});
  }

  // The same for a key's text as it stands in the input, escapes and all.
  Index look_up(Index last, event::FieldTree::Node parent, std::string_view key);

 private:
  // One key below one node of the tree.
  struct Known {
    Place place;
    event::FieldTree::Node parent = event::FieldTree::kNone;
    Index next = 0;                 // the key that came next the last time,
    Index other = 0;                // and the one before that
    std::uint32_t distance = 0;     // from the opening quote to a colon right behind; 0: too far
    std::array<char, 32> quoted{};  // "KEY": unless that is longer
  };

  static constexpr std::size_t kKnownMax = 4096;
  static constexpr std::size_t kTableSize = 2 * kKnownMax;

  static bool is(const Known& known, event::FieldTree::Node parent, const char* quote,
                 std::uint32_t distance) {
    return known.distance == distance && known.parent == parent &&
           same_bytes(known.quoted.data(), quote, distance + 1);
  }
  // At most 32 bytes; 32 may be read on both sides. Without a branch on the size, which changes
  // from key to key.
  static bool same_bytes(const char* a, const char* b, std::size_t size) {
#if defined(__SSE2__)
    const auto equal = [&](std::size_t at) {
      const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at));
      const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at));
      return static_cast<std::uint64_t>(
          static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right))));
    };
    const std::uint64_t all = equal(0) | equal(16) << 16;
    return (~all & ((std::uint64_t{1} << size) - 1)) == 0;
#else
    return std::memcmp(a, b, size) == 0;
#endif
  }
  void describe(Known& known, std::string_view key) const;
  event::FieldTree::Node child_of(event::FieldTree::Node parent, std::string_view key) const;
  void forget();

  struct Slot {
    Index known = 0;  // 0: free
    std::uint32_t size = 0;
    std::uint32_t text = 0;  // offset into texts_
  };

  const event::FieldTree& tree_;
  std::vector<Known> known_;
  std::vector<Slot> table_;  // open addressing by parent and key
  std::vector<char> texts_;
};

}  // namespace vedette::formats::logs
