// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator_waiting.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace vedette::detect {
namespace {

constexpr std::size_t kChunkBytes = 16384;
constexpr std::size_t kFreeChunksMax = 4096;
constexpr std::size_t kBytesPerUnit = 100;

constexpr std::size_t align(std::size_t size) {
  constexpr std::size_t kAlign = alignof(std::max_align_t);
  return (size + kAlign - 1) / kAlign * kAlign;
}

}  // namespace

// A chunk is held as a whole for the last match in it, so what lies idle is counted too.
std::size_t CorrelatorWaiting::held() const { return std::max(units_, bytes_ / kBytesPerUnit); }

void CorrelatorWaiting::next_chunk(std::size_t size) {
  if (!chunks_.empty()) {
    Chunk& full = chunks_[current_];
    bytes_ += full.size;
    if (full.matches == 0) release(current_);
  }
  used_ = 0;
  if (size <= kChunkBytes && !free_.empty()) {
    current_ = free_.back();
    free_.pop_back();
    return;
  }
  if (vacant_.empty()) {
    vacant_.push_back(static_cast<std::uint32_t>(chunks_.size()));
    chunks_.emplace_back();
  }
  current_ = vacant_.back();
  vacant_.pop_back();
  Chunk& chunk = chunks_[current_];
  chunk.size = std::max(size, kChunkBytes);
  chunk.bytes = std::make_unique_for_overwrite<std::byte[]>(chunk.size);
}

void CorrelatorWaiting::release(std::uint32_t index) {
  Chunk& chunk = chunks_[index];
  bytes_ -= chunk.size;
  if (chunk.size == kChunkBytes && free_.size() < kFreeChunksMax) {
    free_.push_back(index);
    return;
  }
  chunk = {};
  vacant_.push_back(index);
}

std::byte* CorrelatorWaiting::allocate(std::size_t size) {
  if (chunks_.empty() || chunks_[current_].size - used_ < size) next_chunk(size);
  Chunk& chunk = chunks_[current_];
  std::byte* const place = chunk.bytes.get() + used_;
  used_ += size;
  ++chunk.matches;
  return place;
}

void CorrelatorWaiting::push(const BaseMatch& match, std::uint32_t input, std::uint64_t event) {
  const std::size_t count = match.values.size();
  std::size_t text = match.host.size();
  for (const std::string_view value : match.values) text += value.size();
  std::byte* const place = allocate(align(sizeof(Match) + count * sizeof(std::string_view) + text));
  auto* const values = reinterpret_cast<std::string_view*>(place + sizeof(Match));
  char* at = reinterpret_cast<char*>(values + count);
  const auto copy = [&at](std::string_view from) {
    std::memcpy(at, from.data(), from.size());
    const std::string_view to(at, from.size());
    at += from.size();
    return to;
  };
  auto* const held = new (place) Match;
  held->time = match.time;
  held->event = event;
  held->record = match.record;
  held->offset = match.offset;
  held->rule = static_cast<std::uint32_t>(match.rule);
  held->input = input;
  held->chunk = current_;
  held->units = static_cast<std::uint32_t>(4 + text / 64);
  held->host = match.host.empty() ? std::string_view() : copy(match.host);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view value = match.values[i];
    new (values + i) std::string_view(value.data() == nullptr ? value : copy(value));
  }
  held->values = {values, count};
  units_ += held->units;
  const Entry entry{match.time, arrivals_++, held};
  if (run_.empty() || run_.back().time <= entry.time) {
    run_.push_back(entry);
    return;
  }
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void CorrelatorWaiting::pop() {
  if (run_is_older()) {
    taken_.push_back(run_.front().match);
    run_.pop_front();
    return;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later);
  taken_.push_back(heap_.back().match);
  heap_.pop_back();
}

void CorrelatorWaiting::take_event(std::vector<const Match*>& matches) {
  const std::uint64_t event = oldest().event;
  while (!empty() && oldest().event == event) {
    matches.push_back(&oldest());
    units_ -= oldest().units;
    pop();
  }
}

void CorrelatorWaiting::give_back() {
  for (const Match* match : taken_) {
    const std::uint32_t chunk = match->chunk;
    if (--chunks_[chunk].matches > 0) continue;
    if (chunk == current_) {
      used_ = 0;
    } else {
      release(chunk);
    }
  }
  taken_.clear();
}

}  // namespace vedette::detect
