// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "match/lazy_automaton.h"
#include "match/regex_positions.h"

namespace vedette::rules::secret {

// Tells, around one of an expression's pivots in a content, whether a match may be there: a hundred
// nanoseconds instead of a run of the expression. Shared by threads.
class RuleGate {
 public:
  // `pattern` has pivots.
  explicit RuleGate(std::string_view pattern);

  // The pivot with this index (one that is not there: perhaps) stands at `begin`, letters' case
  // ignored. False is certain.
  bool may_match(std::size_t pivot, std::string_view content, std::size_t begin) const;

  // The first place at or behind `from` where a match with this pivot at `begin` may begin; npos
  // where there is none, nothing where it is not known.
  std::optional<std::size_t> first_begin(std::size_t pivot, std::string_view content,
                                         std::size_t begin, std::size_t from) const;

  // Bytes of a match in front of any pivot, at most.
  std::size_t before_max() const { return before_max_; }

 private:
  struct Check {
    std::optional<match::LazyAutomaton> forward;
    std::optional<match::LazyAutomaton> backward;
    bool case_matters = false;
  };
  bool has_letters_case(const match::Pivot& pivot, std::string_view found) const;

  bool has_boundaries(const match::Pivot& pivot, std::string_view content, std::size_t begin) const;

  match::RegexPositions positions_;
  match::ByteClasses classes_;
  std::size_t before_max_ = 0;
  std::unique_ptr<Check[]> checks_;  // as positions_.pivots; automata stay where they are
};

}  // namespace vedette::rules::secret
