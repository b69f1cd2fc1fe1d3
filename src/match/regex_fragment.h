// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "match/regex_class.h"
#include "match/regex_positions.h"

namespace vedette::match {

// A part of an expression while its positions are made; see regex_positions.h.
struct RegexFragment {
  std::uint32_t begin = 0;  // its positions are those from here …
  std::uint32_t end = 0;    // … to before here
  bool nullable = true;     // matches the empty text
  std::vector<std::uint16_t> first;
  std::vector<std::uint16_t> last;
  std::size_t most = 0;       // bytes that it takes at most
  bool is_literal = false;    // takes exactly one of pivots[…].literal
  std::vector<Pivot> pivots;  // as RegexPositions::pivots, of any size
  double commonness = 1;      // of its pivots together
  bool has_pivots() const { return !pivots.empty(); }
};

// Whether two neighbours make literals that are not too many.
bool can_be_joined(const RegexFragment& a, const RegexFragment& b);

// Makes fragments out of smaller ones. The parts of what is joined must have been made one behind
// the other, and what is repeated last.
class RegexFragmentBuilder {
 public:
  enum class Detail : std::uint8_t { kPivots, kPositions };
  explicit RegexFragmentBuilder(Detail detail) : detail_(detail) {}

  RegexFragment single(const RegexClass& what);
  // Puts a byte behind a fragment that was made last and is one literal; false where it is not.
  bool extend(RegexFragment& literal, const RegexClass& byte);
  RegexFragment text_end();
  RegexFragment empty() const;
  RegexFragment join(RegexFragment a, const RegexFragment& b);
  static RegexFragment either(RegexFragment a, const RegexFragment& b);
  // `most` kUnboundedBytes: without end.
  RegexFragment repeat(RegexFragment what, std::size_t least, std::size_t most);

  // `\b` stands in front of `what`, or behind it.
  void mark_boundary_before(const RegexFragment& what);
  void mark_boundary_behind(const RegexFragment& what);

  // More positions were asked for than there may be; what was made is of no use.
  bool is_exhausted() const { return exhausted_; }
  RegexPositions take() { return std::move(result_); }

 private:
  std::uint16_t add_byte(const RegexClass& what);
  std::uint16_t add_position(RegexPositions::Position position);
  void link(const std::vector<std::uint16_t>& from, const std::vector<std::uint16_t>& to);
  RegexFragment copy(const RegexFragment& what);
  RegexFragment repeat_literal(RegexFragment what, std::size_t times);
  RegexFragment loop(RegexFragment what);
  void choose(RegexFragment& a, const RegexFragment& b) const;

  Detail detail_;
  RegexPositions result_;
  std::uint32_t count_ = 0;
  bool exhausted_ = false;
};

}  // namespace vedette::match
