// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator_keys.h"

#include "base/hash.h"

namespace vedette::detect {
namespace {

constexpr std::size_t kSlotsMin = 64;

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

KeyTable::KeyTable(std::uint64_t seed) : seed_(seed), slots_(kSlotsMin) {}

std::uint64_t KeyTable::hash_of(std::uint32_t owner, std::string_view text) const {
  return hash_bytes(text, seed_ + owner * 0x9E3779B97F4A7C15ULL);
}

std::uint32_t KeyTable::find(std::uint32_t owner, std::string_view text) const {
  const std::uint64_t hash = hash_of(owner, text);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.index == kNone) return kNone;
    if (slot.tag != tag_of(hash)) continue;
    const Entry& entry = entries_[slot.index];
    if (entry.owner == owner && entry.text == text) return slot.index;
  }
}

KeyTable::Added KeyTable::add(std::uint32_t owner, std::string_view text) {
  const std::uint32_t found = find(owner, text);
  if (found != kNone) return {found, false};
  if ((size_ + 1) * 4 > slots_.size() * 3) rebuild(slots_.size() * 2, false);
  std::uint32_t index = free_;
  if (index != kNone) {
    free_ = entries_[index].free;
  } else {
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  }
  Entry& entry = entries_[index];
  entry.hash = hash_of(owner, text);
  entry.owner = owner;
  entry.text.assign(text);
  ++size_;
  const std::size_t probes = place(entry.hash, index);
  // Once for each growth by half is enough, and keeps the cost of moving amortised.
  if (probes > kProbesMax && size_ > reseeded_at_ + reseeded_at_ / 2) {
    reseeded_at_ = size_;
    rebuild(slots_.size(), true);
  }
  return {index, true};
}

std::size_t KeyTable::place(std::uint64_t hash, std::uint32_t index) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t probes = 0;
  std::size_t at = hash & mask;
  while (slots_[at].index != kNone) {
    at = (at + 1) & mask;
    ++probes;
  }
  slots_[at] = {tag_of(hash), index};
  return probes;
}

void KeyTable::erase(std::uint32_t index) {
  Entry& entry = entries_[index];
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = entry.hash & mask;
  while (slots_[hole].index != index) hole = (hole + 1) & mask;
  // Moves back what probed past the hole, so that no marks of deletion pile up (Knuth 6.4 R).
  for (std::size_t at = (hole + 1) & mask; slots_[at].index != kNone; at = (at + 1) & mask) {
    const std::size_t home = entries_[slots_[at].index].hash & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = {};
  if (entry.text.capacity() > kKeptBytes) std::string().swap(entry.text);
  entry.text.clear();
  entry.free = free_;
  entry.owner = kNone;
  free_ = index;
  --size_;
}

void KeyTable::rebuild(std::size_t slot_count, bool with_new_seed) {
  if (with_new_seed) seed_ = seed_ * 0x9E3779B97F4A7C15ULL + 0xD1B54A32D192ED03ULL;
  std::vector<Slot> old(slot_count);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.index == kNone) continue;
    Entry& entry = entries_[slot.index];
    if (with_new_seed) entry.hash = hash_of(entry.owner, entry.text);
    place(entry.hash, slot.index);
  }
}

}  // namespace vedette::detect
