// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/rule_gate.h"

#include <algorithm>
#include <utility>

namespace vedette::rules::secret {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

match::RegexPositions positions_of(std::string_view pattern) {
  std::optional<match::RegexPositions> positions = match::regex_positions(pattern);
  return positions ? std::move(*positions) : match::RegexPositions();
}

}  // namespace

RuleGate::RuleGate(std::string_view pattern)
    : positions_(positions_of(pattern)),
      classes_(positions_.sets),
      checks_(std::make_unique<Check[]>(positions_.pivots.size())) {
  using Direction = match::LazyAutomaton::Direction;
  for (std::size_t i = 0; i < positions_.pivots.size(); ++i) {
    const match::Pivot& pivot = positions_.pivots[i];
    Check& check = checks_[i];
    before_max_ = std::max(before_max_, pivot.before);
    check.forward.emplace(positions_, classes_, Direction::kForward, pivot.path.back());
    check.backward.emplace(positions_, classes_, Direction::kBackward, pivot.path.front());
    for (std::size_t k = 0; k < pivot.path.size(); ++k) {
      const bool is_letter = pivot.literal[k] >= 'a' && pivot.literal[k] <= 'z';
      const std::uint16_t set = positions_.positions[pivot.path[k]].set;
      const auto upper = static_cast<unsigned char>(pivot.literal[k] & ~0x20);
      const auto lower = static_cast<unsigned char>(pivot.literal[k]);
      const bool both = positions_.sets[set].test(lower) && positions_.sets[set].test(upper);
      check.case_matters = check.case_matters || (is_letter && !both);
    }
  }
}

bool RuleGate::has_letters_case(const match::Pivot& pivot, std::string_view found) const {
  for (std::size_t i = 0; i < pivot.literal.size(); ++i) {
    const match::RegexPositions::Position& position = positions_.positions[pivot.path[i]];
    if (!positions_.sets[position.set].test(static_cast<unsigned char>(found[i]))) return false;
  }
  return true;
}

// Whether the sides of a pivot are boundaries of words where the expression says so.
bool RuleGate::has_boundaries(const match::Pivot& pivot, std::string_view content,
                              std::size_t begin) const {
  const auto is_word_at = [content](std::size_t at) {
    return at < content.size() && is_word(content[at]);
  };
  const std::size_t end = begin + pivot.literal.size();
  const bool before = begin > 0 && is_word_at(begin - 1);
  const match::RegexPositions::Position& first = positions_.positions[pivot.path.front()];
  const match::RegexPositions::Position& last = positions_.positions[pivot.path.back()];
  return !(first.begins_at_boundary && before == is_word_at(begin)) &&
         !(last.ends_at_boundary && is_word_at(end - 1) == is_word_at(end));
}

bool RuleGate::may_match(std::size_t pivot, std::string_view content, std::size_t begin) const {
  if (pivot >= positions_.pivots.size()) return true;
  const match::Pivot& what = positions_.pivots[pivot];
  const Check& check = checks_[pivot];
  if (check.case_matters && !has_letters_case(what, content.substr(begin, what.literal.size())))
    return false;
  if (!has_boundaries(what, content, begin)) return false;
  // Most are told apart by the next few bytes. Where those are just any, what stands in front often
  // tells sooner than what comes.
  constexpr std::size_t kGlance = 48;
  const std::size_t end = begin + what.literal.size();
  return check.forward->may_match(content, end, kGlance) &&
         check.backward->may_match(content, begin) && check.forward->may_match(content, end);
}

std::optional<std::size_t> RuleGate::first_begin(std::size_t pivot, std::string_view content,
                                                 std::size_t begin, std::size_t from) const {
  if (pivot >= positions_.pivots.size()) return std::nullopt;
  return checks_[pivot].backward->first_begin(content, begin, from);
}

}  // namespace vedette::rules::secret
