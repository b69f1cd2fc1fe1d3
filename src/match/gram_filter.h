// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vedette::match {

// Rules out, 64 places at once, that four given bytes begin there, for hundreds of such grams, on
// processors that look up 64 bytes in a table of 128 with one instruction (AVX-512 VBMI).
//
// Two tables of 4,096 bits are asked about two different sums of a gram's first three bytes, two of
// 1,024 bits about its last byte and one before. A gram sets its bit in each; a place is let
// through when all four of its bits are set. Bytes are compared with 0x20 set in each, which folds
// letters' case.
class GramFilter {
 public:
  static constexpr std::size_t kPlaces = 64;
  // What must be readable behind the first place.
  static constexpr std::size_t kReach = kPlaces + 3;

  static bool is_supported();

  enum class Width : std::uint8_t { kThree, kFour };  // kThree: the fourth byte may be any
  void add(std::uint32_t gram, Width width);
  void add_pair(char first, char second);

  // Bit k: a gram may begin at text[k]. Only where is_supported().
  std::uint64_t places(const char* text) const;
  // Bit k: one of the pairs that were added may begin at text[k].
  std::uint64_t pair_places(const char* text) const;

 private:
  struct alignas(64) Small : std::array<std::uint8_t, 128> {};
  struct alignas(64) Large : std::array<std::uint8_t, 512> {};

  std::array<Large, 2> fronts_{};
  std::array<Small, 2> backs_{};
  std::vector<std::array<char, 2>> pairs_;
};

}  // namespace vedette::match
