// SPDX-License-Identifier: Apache-2.0
// An expression and, behind the first line break, a text. What RE2 finds, the automata let pass.
#include <cstdint>
#include <string_view>

#include "match/lazy_automaton.h"
#include "match/needle_finder.h"
#include "match/regex.h"
#include "match/regex_positions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace match = vedette::match;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const std::string_view pattern = input.substr(0, end);
  if (end == std::string_view::npos || pattern.size() > 200) return 0;
  const std::optional<match::RegexPositions> positions = match::regex_positions(pattern);
  const auto regex = match::Regex::compile(pattern);
  if (!positions || positions->pivots.empty() || !regex) return 0;
  const std::string_view text = input.substr(end + 1);
  bool pass = false;
  const match::ByteClasses classes(positions->sets);
  for (const match::Pivot& pivot : positions->pivots) {
    std::vector<match::NeedleFinder::Place> places;
    match::NeedleFinder({pivot.literal}).find_all(text, places);
    const match::LazyAutomaton forward(
        *positions, classes, match::LazyAutomaton::Direction::kForward, pivot.path.back());
    for (const auto& place : places)
      pass = pass || forward.may_match(text, place.begin + pivot.literal.size());
  }
  // Literals do not stand for the characters beyond ASCII that RE2 folds to letters.
  const bool ascii = text.find_first_of("\xC5\xE2") == std::string_view::npos;
  if (ascii && !pass && regex->found_in(text)) __builtin_trap();
  return 0;
}
