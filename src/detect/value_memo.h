// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "event/value.h"

namespace vedette::detect {

// Remembers what matching found in a value, by its bytes as they stand in the input: the values of
// a field repeat (the same image paths, users, registry keys), so most are decoded, folded and
// searched once. Laid out for the caches: a look-up touches one line of the table and one record,
// which holds the answer in front of the text. Bounded: when records fill their share everything is
// forgotten. One per thread.
class ValueMemo {
 public:
  // What a caller found in a value that was not remembered.
  struct Result {
    std::uint32_t tag = 0;  // the caller's
    std::vector<std::uint32_t> predicates;
    std::vector<std::uint32_t> triggered;
  };
  // Valid until the next find() or forget().
  struct Answer {
    std::uint32_t tag = 0;
    std::span<const std::uint32_t> predicates;
    std::span<const std::uint32_t> triggered;
  };

  static constexpr std::size_t kBuckets = std::size_t{1} << 13;
  static constexpr std::size_t kWordsMax = std::size_t{2} << 20;  // of four bytes
  static constexpr std::size_t kValueBytesMax = 2048;             // longer values seldom repeat
  static constexpr std::size_t kResultsMax = 4096;                // of one value

  ValueMemo()
      : buckets_(kBuckets), words_(std::make_unique_for_overwrite<std::uint32_t[]>(kWordsMax)) {}

  // The answer for a value; `owner` says which question is asked (e.g. PlanSlot::id), not 0.
  // `compute(Result&)` answers it when nobody has yet.
  template <typename Compute>
  Answer find(std::uint32_t owner, const event::Value& value, Compute&& compute) {
    if (value.stamp == 0) return find_bytes(owner, value, compute);
    constexpr std::uint32_t kHalf = 0x80000000;
    if (value.stamp > stamp_last_) {
      stamp_last_ = value.stamp;
    } else if (stamp_last_ - value.stamp > kHalf) {
      stamp_last_ = value.stamp;
      stamps_.assign(kStamps, {});
    }
    Stamp& stamp = stamps_[(value.stamp * 0x9E3779B1U ^ owner * 0x85EBCA6BU) % kStamps];
    if (stamp.stamp == value.stamp && stamp.owner == owner) [[likely]]
      return answer(words_.get() + stamp.record);
    const Answer found = find_bytes(owner, value, compute);
    if (kept_) stamp = {value.stamp, owner, last_};
    return found;
  }

  void forget() {
    std::fill(buckets_.begin(), buckets_.end(), Bucket());
    stamps_.assign(kStamps, {});
    used_ = 0;
  }

 private:
  static constexpr std::size_t kStamps = std::size_t{1} << 12;
  struct Stamp {
    std::uint32_t stamp = 0;
    std::uint32_t owner = 0;
    std::uint32_t record = 0;
  };

  template <typename Compute>
  Answer find_bytes(std::uint32_t owner, const event::Value& value, Compute&& compute) {
    const std::uint64_t hash = hash_bytes(value.bytes(), owner);
    const auto tag = static_cast<std::uint32_t>(hash >> 32) | 1;
    Bucket& bucket = buckets_[hash & (kBuckets - 1)];
    for (std::size_t way = 0; way < kWays; ++way) {
      if (bucket.tags[way] != tag) continue;
      const std::uint32_t* const record = words_.get() + bucket.records[way];
      if (is_of(record, owner, value)) [[likely]] {
        last_ = bucket.records[way];
        kept_ = true;
        return answer(record);
      }
    }
    result_.tag = 0;
    result_.predicates.clear();
    result_.triggered.clear();
    compute(result_);
    const std::size_t results = result_.predicates.size() + result_.triggered.size();
    kept_ = value.size <= kValueBytesMax && results <= kResultsMax;
    if (!kept_) return {result_.tag, result_.predicates, result_.triggered};
    return answer(keep(bucket, tag, owner, value));
  }

  static constexpr std::size_t kWays = 4;
  struct alignas(32) Bucket {
    std::array<std::uint32_t, kWays> tags{};  // 0: free
    std::array<std::uint32_t, kWays> records{};
  };
  // Words of a record; the predicates, the triggered and the text follow.
  enum Word : std::size_t { kOwner, kShape, kTag, kPredicates, kTriggered, kHeadWords };
  static constexpr std::size_t kRecordWordsMax = kHeadWords + kResultsMax + kValueBytesMax / 4 + 1;

  static std::uint32_t shape(const event::Value& value) {
    return value.size << 2 | static_cast<std::uint32_t>(value.encoding);
  }
  static bool is_of(const std::uint32_t* record, std::uint32_t owner, const event::Value& value) {
    if (record[kOwner] != owner || record[kShape] != shape(value)) return false;
    const auto* text = reinterpret_cast<const char*>(record + kHeadWords + record[kPredicates] +
                                                     record[kTriggered]);
    return same_bytes(text, value.data, value.size);
  }
  // Most values are short: those are compared without a call.
  static bool same_bytes(const char* a, const char* b, std::size_t size) {
    const auto differ = [&]<typename Integer>(Integer, std::size_t at) {
      Integer left;
      Integer right;
      std::memcpy(&left, a + at, sizeof left);
      std::memcpy(&right, b + at, sizeof right);
      return left ^ right;
    };
    if (size > 64) return std::memcmp(a, b, size) == 0;
    if (size >= 8) {
      std::uint64_t difference = differ(std::uint64_t{}, size - 8);
      for (std::size_t at = 0; at + 8 < size; at += 8) difference |= differ(std::uint64_t{}, at);
      return difference == 0;
    }
    if (size >= 4) return (differ(std::uint32_t{}, 0) | differ(std::uint32_t{}, size - 4)) == 0;
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  static Answer answer(const std::uint32_t* record) {
    const std::uint32_t* const results = record + kHeadWords;
    return {record[kTag],
            {results, record[kPredicates]},
            {results + record[kPredicates], record[kTriggered]}};
  }

  const std::uint32_t* keep(Bucket& bucket, std::uint32_t tag, std::uint32_t owner,
                            const event::Value& value) {
    if (kWordsMax - used_ < kRecordWordsMax) forget();
    std::uint32_t* const record = words_.get() + used_;
    // The oldest goes: entries move on by one.
    std::copy_backward(bucket.tags.begin(), bucket.tags.end() - 1, bucket.tags.end());
    std::copy_backward(bucket.records.begin(), bucket.records.end() - 1, bucket.records.end());
    bucket.tags[0] = tag;
    bucket.records[0] = static_cast<std::uint32_t>(used_);
    last_ = static_cast<std::uint32_t>(used_);
    record[kOwner] = owner;
    record[kShape] = shape(value);
    record[kTag] = result_.tag;
    record[kPredicates] = static_cast<std::uint32_t>(result_.predicates.size());
    record[kTriggered] = static_cast<std::uint32_t>(result_.triggered.size());
    std::uint32_t* out = record + kHeadWords;
    out = std::copy(result_.predicates.begin(), result_.predicates.end(), out);
    out = std::copy(result_.triggered.begin(), result_.triggered.end(), out);
    if (value.size != 0) std::memcpy(out, value.data, value.size);
    used_ = static_cast<std::size_t>(out - words_.get()) + (value.size + 3) / 4;
    return record;
  }

  std::vector<Bucket> buckets_;
  std::unique_ptr<std::uint32_t[]> words_;  // records, behind one another
  std::size_t used_ = 0;
  std::vector<Stamp> stamps_ =
      std::vector<Stamp>(kStamps);  // answers by Value::stamp, without a look at the bytes
  std::uint32_t stamp_last_ = 0;
  std::uint32_t last_ = 0;  // the record that find_bytes() answered with
  bool kept_ = false;       // there is one
  Result result_;
};

}  // namespace vedette::detect
