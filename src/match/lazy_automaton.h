// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "match/regex_positions.h"

namespace vedette::match {

// Bytes by what an expression tells apart, shared by its automata.
struct ByteClasses {
  explicit ByteClasses(const std::vector<ByteSet>& sets);
  std::array<std::uint8_t, 256> of{};
  std::vector<std::uint8_t> example;  // by class: one of its bytes
};

// Walks from one position of an expression to where a match may end, or back to where one may
// begin: a deterministic automaton whose states are made when a text asks for them first. Costs a
// table look-up a byte, and tells most texts apart within few. Shared by threads: a made transition
// is read without a lock. Its memory is bounded; when that is used up it answers "perhaps".
class LazyAutomaton {
 public:
  enum class Direction : std::uint8_t { kForward, kBackward };

  // Keeps references to what it is given, which its owner keeps alive beside it. `start`: the
  // position that took the byte beside where texts are asked about.
  LazyAutomaton(const RegexPositions& positions, const ByteClasses& classes, Direction direction,
                std::uint16_t start);
  LazyAutomaton(const LazyAutomaton&) = delete;
  LazyAutomaton& operator=(const LazyAutomaton&) = delete;

  // Whether a match that has `start` in front of text[at] may end at or behind it (forward), or one
  // that has `start` at text[at] may begin at or in front of it (backward). False is certain, and
  // so is true but where it took more than `bytes_max` bytes to tell.
  bool may_match(std::string_view text, std::size_t at, std::size_t bytes_max = kBytesMax) const;

  // Backward: the first place at or behind `from` where such a match may begin; npos where there is
  // none, nothing where it is not known.
  std::optional<std::size_t> first_begin(std::string_view text, std::size_t at,
                                         std::size_t from) const;

  static constexpr std::size_t kBytesMax = 4096;
  static constexpr std::size_t kStatesMax = 1024;

 private:
  using State = std::uint16_t;
  using Set = std::vector<std::uint16_t>;  // positions, ascending
  // Of a table that begins as zeros.
  static constexpr State kUnknown = 0;
  static constexpr State kDead = 1;
  static constexpr State kPerhaps = 2;  // all states are taken
  static constexpr State kFirst = 3;
  static constexpr State kGoal = 0x8000;  // added to a state in which a match may be complete
  static bool is_goal(State state) { return (state & kGoal) != 0; }

  static constexpr std::size_t kBlockStates = 32;

  // A state's block is there before anybody learns of the state.
  std::atomic<State>& cell(State state, std::size_t symbol) const {
    const auto index = static_cast<std::size_t>((state & ~kGoal) - kFirst);
    return blocks_[index / kBlockStates][index % kBlockStates * symbols_ + symbol];
  }
  State make(State from, std::size_t symbol) const;
  State state_of(Set set) const;
  State follow(State from, std::size_t symbol) const {
    const State known = cell(from, symbol).load(std::memory_order_acquire);
    return known != kUnknown ? known : make(from, symbol);
  }
  const Set& neighbours(std::uint16_t position) const {
    return direction_ == Direction::kForward ? positions_.positions[position].next
                                             : previous_[position];
  }

  const RegexPositions& positions_;
  const ByteClasses& classes_;
  const Direction direction_;
  const std::size_t symbols_;          // classes and, last, the end of the text
  std::vector<Set> previous_;          // of backward
  std::vector<std::uint8_t> is_goal_;  // by position

  mutable std::mutex mutex_;  // of making states
  mutable std::map<Set, State> known_;
  mutable std::vector<const Set*> sets_;  // by state, keys of known_
  // Rows of states; std::vector cannot hold atomics that are there already.
  mutable std::array<std::unique_ptr<std::atomic<State>[]>, kStatesMax / kBlockStates> blocks_;
  State begin_ = kDead;
};

}  // namespace vedette::match
