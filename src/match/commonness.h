// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::match {

// How many of a thousand bytes of logs and code are this one (lower case), roughly. Binary text has
// a zero behind every letter.
constexpr unsigned byte_commonness(char c) {
  constexpr std::string_view kLetters = "aesctoindrlmupgfhwbvykxqjz";
  if (const std::size_t rank = kLetters.find(c); rank != std::string_view::npos)
    return 60 - 2 * static_cast<unsigned>(rank);
  if (c >= '0' && c <= '9') return 20;
  switch (c) {
    case '\0':
      return 400;
    case '\\':
    case '"':
      return 35;
    case ':':
    case ' ':
      return 17;
    case '-':
    case ',':
    case '.':
      return 9;
    default:
      return 2;
  }
}

// The share of places where `text` (lower case) stands, roughly: letters and digits as they follow
// each other in names, other bytes as if they did not know each other.
double text_commonness(std::string_view text);

}  // namespace vedette::match
