// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "detect/correlator.h"

namespace vedette::detect {

// Matches that wait for their event to be decided, in order of time, then arrival. Copies what it
// is given; memory of matches taken out is used again. Not thread-safe.
class CorrelatorWaiting {
 public:
  struct Match {
    TimeNs time = 0;
    std::uint64_t arrival = 0;
    std::uint64_t event = 0;
    std::uint32_t rule = 0;
    std::uint32_t input = 0;
    std::uint64_t record = 0;
    std::uint64_t offset = 0;
    std::string text;  // owns what the views below refer to
    std::string_view host;
    std::vector<std::string_view> values;  // data() == nullptr: absent
  };

  // `event`: matches of one event have one number and come one after another.
  void push(const BaseMatch& match, std::uint32_t input, std::uint64_t event);
  bool empty() const { return run_.empty() && heap_.empty(); }
  const Match& oldest() const { return pool_[run_is_older() ? run_.front() : heap_.front()]; }
  // Takes out all matches of the oldest event. They stay valid until give_back().
  void take_event(std::vector<const Match*>& matches);
  void give_back();

  // In the units of CorrelatorOptions::state_max.
  std::size_t held() const { return held_; }

 private:
  static std::size_t units(const Match& match) { return 4 + match.text.size() / 64; }
  bool later(std::uint32_t a, std::uint32_t b) const;
  bool run_is_older() const {
    return !run_.empty() && (heap_.empty() || !later(run_.front(), heap_.front()));
  }
  void pop();

  std::deque<Match> pool_;  // does not move its elements
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> taken_;
  // Most matches come in order of time and stand in the run, those that are late in the heap.
  std::deque<std::uint32_t> run_;
  std::vector<std::uint32_t> heap_;
  std::uint64_t arrivals_ = 0;
  std::size_t held_ = 0;
};

}  // namespace vedette::detect
