// SPDX-License-Identifier: Apache-2.0
#include "match/lazy_automaton.h"

#include <algorithm>
#include <utility>

namespace vedette::match {

ByteClasses::ByteClasses(const std::vector<ByteSet>& sets) {
  // Two bytes are of one class when they are in the same sets.
  std::map<std::vector<bool>, std::uint8_t> known;
  std::vector<bool> membership(sets.size());
  for (unsigned byte = 0; byte < of.size(); ++byte) {
    for (std::size_t i = 0; i < sets.size(); ++i) membership[i] = sets[i].test(byte);
    // Whether a character goes on is asked of the class too.
    membership.push_back(byte >= 0x80);
    const auto [at, is_new] = known.emplace(membership, static_cast<std::uint8_t>(example.size()));
    membership.pop_back();
    if (is_new) example.push_back(static_cast<std::uint8_t>(byte));
    of[byte] = at->second;
  }
}

LazyAutomaton::LazyAutomaton(const RegexPositions& positions, const ByteClasses& classes,
                             Direction direction, std::uint16_t start)
    : positions_(positions),
      classes_(classes),
      direction_(direction),
      symbols_(classes.example.size() + 1),
      is_goal_(positions.positions.size()) {
  for (const std::uint16_t goal :
       direction == Direction::kForward ? positions.last : positions.first)
    is_goal_[goal] = 1;
  if (direction == Direction::kBackward) {
    previous_.resize(positions.positions.size());
    for (std::size_t from = 0; from < positions.positions.size(); ++from) {
      for (const std::uint16_t to : positions.positions[from].next)
        previous_[to].push_back(static_cast<std::uint16_t>(from));
    }
  }
  begin_ = state_of({start});
}

LazyAutomaton::State LazyAutomaton::state_of(Set set) const {
  if (set.empty()) return kDead;
  const auto found = known_.find(set);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kStatesMax) return kPerhaps;
  const bool complete =
      std::ranges::any_of(set, [this](std::uint16_t position) { return is_goal_[position] != 0; });
  const auto state = static_cast<State>((kFirst + known_.size()) | (complete ? kGoal : 0));
  if (known_.size() % kBlockStates == 0) {
    blocks_[known_.size() / kBlockStates] =
        std::make_unique<std::atomic<State>[]>(kBlockStates * symbols_);
  }
  sets_.push_back(&known_.emplace(std::move(set), state).first->first);
  return state;
}

LazyAutomaton::State LazyAutomaton::make(State from, std::size_t symbol) const {
  const std::lock_guard lock(mutex_);
  const bool is_end = symbol + 1 == symbols_;
  const unsigned byte = is_end ? 0 : classes_.example[symbol];
  Set set;
  for (const std::uint16_t position : *sets_[(from & ~kGoal) - kFirst]) {
    if (positions_.positions[position].takes_more && byte >= 0x80) set.push_back(position);
    for (const std::uint16_t other : neighbours(position)) {
      const RegexPositions::Position& next = positions_.positions[other];
      // What may stand behind the end ("$$") is not looked at.
      if (is_end && next.is_text_end) return kPerhaps;
      if (!is_end && !next.is_text_end && positions_.sets[next.set].test(byte))
        set.push_back(other);
    }
  }
  std::ranges::sort(set);
  const auto repeated = std::ranges::unique(set);
  set.erase(repeated.begin(), repeated.end());
  const State to = state_of(std::move(set));
  cell(from, symbol).store(to, std::memory_order_release);
  return to;
}

bool LazyAutomaton::may_match(std::string_view text, std::size_t at, std::size_t bytes_max) const {
  State state = begin_;
  const auto is_decided = [&state] { return state < kFirst || is_goal(state); };
  if (is_decided()) return state != kDead;
  if (direction_ == Direction::kBackward) {
    const std::size_t end = at - std::min(at, bytes_max);
    while (at > end) {
      state = follow(state, classes_.of[static_cast<unsigned char>(text[--at])]);
      if (is_decided()) return state != kDead;
    }
    return end > 0;  // looked far enough, or a match would begin before the text
  }
  const std::size_t end = at + std::min(text.size() - at, bytes_max);
  for (; at < end; ++at) {
    state = follow(state, classes_.of[static_cast<unsigned char>(text[at])]);
    if (is_decided()) return state != kDead;
  }
  if (end < text.size()) return true;
  state = follow(state, symbols_ - 1);
  return is_decided() && state != kDead;
}

std::optional<std::size_t> LazyAutomaton::first_begin(std::string_view text, std::size_t at,
                                                      std::size_t from) const {
  const std::size_t end = std::max(from, at - std::min(at, kBytesMax));
  std::size_t first = is_goal(begin_) ? at : std::string_view::npos;
  State state = begin_;
  while (at > end) {
    state = follow(state, classes_.of[static_cast<unsigned char>(text[--at])]);
    if (state == kDead) return first;
    if (state == kPerhaps) return std::nullopt;
    if (is_goal(state)) first = at;
  }
  if (end > from) return std::nullopt;
  return first;
}

}  // namespace vedette::match
