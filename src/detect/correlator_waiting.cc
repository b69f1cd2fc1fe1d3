// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator_waiting.h"

#include <algorithm>

namespace vedette::detect {
namespace {

constexpr std::size_t kKeptBytes = 1024;  // text memory that a place in the pool keeps

}  // namespace

bool CorrelatorWaiting::later(std::uint32_t a, std::uint32_t b) const {
  const Match& first = pool_[a];
  const Match& second = pool_[b];
  return first.time != second.time ? first.time > second.time : first.arrival > second.arrival;
}

void CorrelatorWaiting::push(const BaseMatch& match, std::uint32_t input, std::uint64_t event) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(pool_.size()));
    pool_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Match& held = pool_[index];
  held.time = match.time;
  held.arrival = arrivals_++;
  held.event = event;
  held.rule = static_cast<std::uint32_t>(match.rule);
  held.input = input;
  held.record = match.record;
  held.offset = match.offset;
  held.text.assign(match.host);
  for (const std::string_view value : match.values) held.text.append(value);
  // The text is complete: views into it stay good.
  const char* at = held.text.data();
  held.host = {at, match.host.size()};
  at += match.host.size();
  held.values.clear();
  for (const std::string_view value : match.values) {
    held.values.push_back(value.data() == nullptr ? std::string_view()
                                                  : std::string_view(at, value.size()));
    at += value.size();
  }
  held_ += units(held);
  if (run_.empty() || pool_[run_.back()].time <= held.time) {
    run_.push_back(index);
    return;
  }
  heap_.push_back(index);
  std::push_heap(heap_.begin(), heap_.end(),
                 [this](std::uint32_t a, std::uint32_t b) { return later(a, b); });
}

void CorrelatorWaiting::pop() {
  if (run_is_older()) {
    taken_.push_back(run_.front());
    run_.pop_front();
    return;
  }
  std::pop_heap(heap_.begin(), heap_.end(),
                [this](std::uint32_t a, std::uint32_t b) { return later(a, b); });
  taken_.push_back(heap_.back());
  heap_.pop_back();
}

void CorrelatorWaiting::take_event(std::vector<const Match*>& matches) {
  const std::uint64_t event = oldest().event;
  while (!empty() && oldest().event == event) {
    matches.push_back(&oldest());
    held_ -= units(oldest());
    pop();
  }
}

void CorrelatorWaiting::give_back() {
  for (const std::uint32_t index : taken_) {
    if (pool_[index].text.capacity() > kKeptBytes) pool_[index].text = std::string();
    free_.push_back(index);
  }
  taken_.clear();
}

}  // namespace vedette::detect
