// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "detect/correlator.h"

namespace vedette::detect {

// Matches that wait for their event to be decided, in order of time, then arrival. Copies what it
// is given into chunks that are written and read from front to end: an hour of matches is more than
// a cache holds. A chunk is used again when all its matches were given back. Not thread-safe.
class CorrelatorWaiting {
 public:
  struct Match {
    TimeNs time = 0;
    std::uint64_t event = 0;
    std::uint64_t record = 0;
    std::uint64_t offset = 0;
    std::uint32_t rule = 0;
    std::uint32_t input = 0;
    std::uint32_t chunk = 0;
    std::uint32_t units = 0;
    std::string_view host;
    std::span<const std::string_view> values;  // data() == nullptr: absent
  };

  // `event`: matches of one event have one number and come one after another.
  void push(const BaseMatch& match, std::uint32_t input, std::uint64_t event);
  bool empty() const { return run_.empty() && heap_.empty(); }
  const Match& oldest() const { return *(run_is_older() ? run_.front() : heap_.front()).match; }
  // Takes out all matches of the oldest event. They stay valid until give_back().
  void take_event(std::vector<const Match*>& matches);
  void give_back();

  // In the units of CorrelatorOptions::state_max.
  std::size_t held() const;

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
    std::uint32_t matches = 0;  // not yet given back
  };
  struct Entry {
    TimeNs time = 0;
    std::uint64_t arrival = 0;
    const Match* match = nullptr;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time > b.time : a.arrival > b.arrival;
  }
  bool run_is_older() const {
    return !run_.empty() && (heap_.empty() || !later(run_.front(), heap_.front()));
  }
  std::byte* allocate(std::size_t size);
  void next_chunk(std::size_t size);
  void release(std::uint32_t chunk);
  void pop();

  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> free_;    // chunks of the usual size without a match
  std::vector<std::uint32_t> vacant_;  // places in chunks_ without memory
  std::uint32_t current_ = 0;          // the chunk that is filled
  std::size_t used_ = 0;               // bytes of it
  std::size_t bytes_ = 0;              // of chunks with matches, the one that is filled left out
  std::vector<const Match*> taken_;
  // Most matches come in order of time and stand in the run, those that are late in the heap.
  std::deque<Entry> run_;
  std::vector<Entry> heap_;
  std::uint64_t arrivals_ = 0;
  std::size_t units_ = 0;
};

}  // namespace vedette::detect
