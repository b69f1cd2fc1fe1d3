// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "event/value.h"

namespace vedette::detect {

// Remembers what matching found in a value, by its bytes as they stand in the input: the values of
// a field repeat (the same image paths, users, registry keys), so most are decoded, folded and
// searched once. Bounded: when the texts or results exceed their share everything is forgotten. One
// per thread.
class ValueMemo {
 public:
  struct Entry {
    std::uint64_t hash = 0;
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t owner = 0;  // which question was asked, e.g. PlanSlot::id; 0: the entry is free
    std::uint32_t first = 0;  // into results: predicates, then triggered instances
    std::uint32_t predicates = 0;
    std::uint32_t triggered = 0;
    std::uint32_t tag = 0;  // the caller's
    event::Encoding encoding = event::Encoding::kPlain;
  };

  static constexpr std::size_t kEntries = std::size_t{1} << 15;
  static constexpr std::size_t kTextBytesMax = std::size_t{8} << 20;
  static constexpr std::size_t kResultsMax = std::size_t{1} << 20;
  static constexpr std::size_t kValueBytesMax = 16384;  // longer values seldom repeat

  ValueMemo() : entries_(kEntries) {}

  // The entry for a value; `compute(Entry&, std::vector<std::uint32_t>& results)` fills a new one,
  // appending to results. Valid until the next call.
  template <typename Compute>
  const Entry& find(std::uint32_t owner, const event::Value& value, Compute&& compute) {
    const std::uint64_t hash = hash_bytes(value.bytes(), owner);
    Entry& first = entries_[hash & (kEntries - 1)];
    if (is_hit(first, hash, owner, value)) [[likely]]
      return first;
    Entry& second = entries_[(hash & (kEntries - 1)) ^ 1];
    if (is_hit(second, hash, owner, value)) return second;
    Entry fresh{hash, nullptr, value.size, owner, 0, 0, 0, 0, value.encoding};
    forget_if_full();
    if (value.size > kValueBytesMax) {
      fresh.owner = 0;
      fresh.first = static_cast<std::uint32_t>(results_.size());
      compute(fresh, results_);
      passing_ = fresh;
      return passing_;
    }
    fresh.data = texts_.copy(value.bytes()).data();
    text_bytes_ += value.size;
    fresh.first = static_cast<std::uint32_t>(results_.size());
    compute(fresh, results_);
    second = first;  // the older of the two goes
    first = fresh;
    return first;
  }

  std::span<const std::uint32_t> predicates(const Entry& entry) const {
    return {results_.data() + entry.first, entry.predicates};
  }
  std::span<const std::uint32_t> triggered(const Entry& entry) const {
    return {results_.data() + entry.first + entry.predicates, entry.triggered};
  }

 private:
  static bool is_hit(const Entry& entry, std::uint64_t hash, std::uint32_t owner,
                     const event::Value& value) {
    return entry.hash == hash && entry.owner == owner && entry.size == value.size &&
           entry.encoding == value.encoding &&
           (value.size == 0 || std::memcmp(entry.data, value.data, value.size) == 0);
  }

  void forget_if_full() {
    if (text_bytes_ < kTextBytesMax && results_.size() < kResultsMax) return;
    for (Entry& entry : entries_) entry.owner = 0;
    texts_.clear();
    text_bytes_ = 0;
    results_.clear();
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> results_;
  Arena texts_{std::size_t{1} << 20};
  std::size_t text_bytes_ = 0;
  Entry passing_;  // of a value too long to be remembered
};

}  // namespace vedette::detect
