// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/time.h"
#include "event/value.h"

namespace vedette::event {

// Whether all text of an event can be found in Event::raw (and raw_static) by a search over bytes.
enum class RawText : std::uint8_t {
  kOpaque,  // no: values are stored or encoded in other ways, and raw is nothing to show
  kLine,    // no, but raw is itself text that keywords look at
  kJson,    // as in JSON strings, escapes included
  kUtf16,   // as little-endian UTF-16, but for numbers, times, identifiers and the like
};

// One thing that happened, as far as the loaded rules look at it: values by slot. Reused for every
// event of a thread, so a steady state allocates nothing. Views in it are valid until the next
// clear() and while the batch it came from lives. Not thread-safe.
class Event {
 public:
  explicit Event(std::size_t slot_count) : values_(slot_count) { touched_.reserve(slot_count); }

  void clear() {
    for (const Slot slot : touched_) values_[slot] = Value();
    touched_.clear();
    more_.clear();
    arena_.clear();
    raw = {};
    raw_static = {};
    raw_text = RawText::kOpaque;
    has_time = false;
  }

  // The value in `slot`; kind kAbsent when the event has none.
  const Value& operator[](Slot slot) const { return values_[slot]; }
  const Value* next(const Value& value) const {
    return value.next == 0 ? nullptr : &more_[value.next - 1];
  }
  const std::vector<Slot>& present() const { return touched_; }

  // Puts a value into a slot. A slot that holds a value of lower rank keeps it; of the same or a
  // higher rank is overwritten: the last of duplicate keys counts, as in most JSON readers (RFC
  // 8259 section 4 leaves it open).
  void put(Slot slot, const Value& value) {
    Value& held = values_[slot];
    if (held.kind == Kind::kAbsent) {
      touched_.push_back(slot);
    } else if (held.rank < value.rank) {
      return;
    }
    held = value;
  }

  // put() for a caller that writes the members in place, all of them: null when a value of lower
  // rank holds the slot. (A Value made of small members and then copied whole stalls the processor,
  // which cannot forward several small stores to one wide load.)
  Value* claim(Slot slot, std::uint8_t rank) {
    Value& held = values_[slot];
    if (held.kind == Kind::kAbsent) {
      touched_.push_back(slot);
    } else if (held.rank < rank) {
      return nullptr;
    }
    return &held;
  }

  // Adds one more value of the same field (an array's element) behind those of the same rank.
  void append(Slot slot, const Value& value) {
    Value& held = values_[slot];
    if (held.kind == Kind::kAbsent || held.kind == Kind::kStructure || held.rank > value.rank) {
      put(slot, value);
      return;
    }
    if (held.rank < value.rank) return;
    more_.push_back(value);
    more_.back().next = held.next;
    held.next = static_cast<std::uint32_t>(more_.size());
  }

  // Text that a decoder had to make; dies with clear().
  Arena& arena() { return arena_; }

  std::string_view raw;  // the record's bytes in the batch
  // UTF-8 text that belongs to the event but stands elsewhere (an EVTX template's).
  std::string_view raw_static;
  RawText raw_text = RawText::kOpaque;
  // Index in its batch, from 0; records that could not be decoded count too.
  std::uint64_t record = 0;
  std::uint64_t offset = 0;  // of raw in the batch
  // Where a decoder knows it from elsewhere than a field.
  bool has_time = false;
  TimeNs time = 0;

 private:
  std::vector<Value> values_;
  std::vector<Slot> touched_;
  std::vector<Value> more_;
  Arena arena_;
};

}  // namespace vedette::event
