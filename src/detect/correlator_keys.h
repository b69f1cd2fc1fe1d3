// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::detect {

// Interned texts of many owners: (owner, text) -> a small index that stays the same until it is
// erased, and is given out again afterwards. Open addressing with linear probing; a run of probes
// longer than kProbesMax (somebody aims at the hash) moves the whole table to another seed. Steady
// state allocates nothing: freed entries keep the memory of their text, up to kKeptBytes. Not
// thread-safe.
class KeyTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // `seed` should not be known to who writes the texts.
  explicit KeyTable(std::uint64_t seed);

  std::uint32_t find(std::uint32_t owner, std::string_view text) const;
  struct Added {
    std::uint32_t index = kNone;
    bool is_new = false;
  };
  Added add(std::uint32_t owner, std::string_view text);
  void erase(std::uint32_t index);

  // Valid until the next add().
  std::string_view text(std::uint32_t index) const { return entries_[index].text; }
  std::uint32_t owner(std::uint32_t index) const { return entries_[index].owner; }
  std::size_t size() const { return size_; }
  // One more than the largest index ever given out.
  std::size_t index_end() const { return entries_.size(); }

 private:
  static constexpr std::size_t kProbesMax = 512;
  static constexpr std::size_t kKeptBytes = 256;

  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t owner = 0;
    std::uint32_t free = kNone;  // next free entry
    std::string text;
  };
  struct Slot {
    std::uint32_t tag = 0;  // upper half of the hash
    std::uint32_t index = kNone;
  };

  std::uint64_t hash_of(std::uint32_t owner, std::string_view text) const;
  // Returns how many slots were taken on the way.
  std::size_t place(std::uint64_t hash, std::uint32_t index);
  void rebuild(std::size_t slot_count, bool with_new_seed);

  std::uint64_t seed_;
  std::vector<Slot> slots_;  // a power of two
  std::vector<Entry> entries_;
  std::uint32_t free_ = kNone;
  std::size_t size_ = 0;
  std::size_t reseeded_at_ = 0;  // size when the seed was last changed
};

}  // namespace vedette::detect
