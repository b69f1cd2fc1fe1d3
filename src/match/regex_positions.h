// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::match {

using ByteSet = std::bitset<256>;

// Beyond every length: what has no end.
inline constexpr std::size_t kUnboundedBytes = SIZE_MAX;

// A literal that an expression may be found by.
struct Pivot {
  std::string literal;              // ASCII letters are lower case and stand for both cases
  std::vector<std::uint16_t> path;  // the position of each of its bytes
  std::size_t before = 0;           // bytes of a match in front of the literal, at most
};

// The position automaton (Glushkov 1961) of an RE2 expression: one position for each byte that a
// match may take, and for each the positions that may come next. It is coarser than the expression,
// never finer: `^`, `(?m)$` and most `\b` are true everywhere, a character beyond ASCII is any run
// of bytes beyond ASCII, and long counts are rounded up. So what it rules out is no match; what it
// lets pass must be asked of the expression. Not known to it: that (?i) takes the Kelvin sign for k
// and the long s for s in literals.
struct RegexPositions {
  struct Position {
    std::uint16_t set = 0;     // index into `sets`
    bool takes_more = false;   // stays for further bytes of a character beyond ASCII
    bool is_text_end = false;  // takes no byte: true at the end of the text only
    // `\b` stands right in front of it, or right behind it, in every match.
    bool begins_at_boundary = false;
    bool ends_at_boundary = false;
    std::vector<std::uint16_t> next;
  };
  std::vector<ByteSet> sets;
  std::vector<Position> positions;
  std::vector<std::uint16_t> first;  // where a match may begin
  std::vector<std::uint16_t> last;   // where it may end
  // Of those literals of which every match holds one, the choice that fewest texts hold. Empty
  // where there is no such choice, or only with literals of one byte.
  std::vector<Pivot> pivots;

  static constexpr std::size_t kPivotBytesMin = 2;
};

// Nothing for syntax that is not known here, and for expressions that take too many positions.
std::optional<RegexPositions> regex_positions(std::string_view pattern);

// Only RegexPositions::pivots, a hundred times as fast; their positions are not set.
std::vector<Pivot> regex_pivots(std::string_view pattern);

}  // namespace vedette::match
