// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// PHP's version_compare(): numbers and words, words by their stability.
namespace vedette::formats::versions {
namespace {

struct Word {
  std::string_view begin;
  int rank;
};
constexpr int kNumberRank = 4;
constexpr std::array kWords = {Word{"dev", 0}, Word{"a", 1}, Word{"b", 2}, Word{"RC", 3},
                               Word{"rc", 3},  Word{"#", 4}, Word{"p", 5}};

int rank(std::string_view part) {
  if (is_digit(part[0])) return kNumberRank;
  for (const Word& word : kWords) {
    if (part.starts_with(word.begin)) return word.rank;
  }
  return -1;
}

bool is_gap(char c) { return c == '.' || c == '-' || c == '_' || c == '+'; }

// The next number or word, without the gap before it; empty at the end.
std::string_view next_part(std::string_view& text) {
  take_while(text, is_gap);
  if (text.empty()) return {};
  const bool number = is_digit(text[0]);
  return take_while(text, [&](char c) { return !is_gap(c) && is_digit(c) == number; });
}

// How what is left of one version compares to nothing.
std::strong_ordering compare_rest(std::string_view part, std::string_view text) {
  while (!part.empty()) {
    if (is_digit(part[0])) return std::strong_ordering::greater;
    const auto order = rank(part) <=> kNumberRank;
    if (order != 0) return order;
    part = next_part(text);
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::strong_ordering compare_packagist(std::string_view a, std::string_view b) {
  a = without_v(a);
  b = without_v(b);
  while (true) {
    const std::string_view left = next_part(a);
    const std::string_view right = next_part(b);
    if (left.empty()) return 0 <=> compare_rest(right, b);
    if (right.empty()) return compare_rest(left, a);
    const bool numbers = is_digit(left[0]) && is_digit(right[0]);
    const auto order = numbers ? compare_digits(left, right) : rank(left) <=> rank(right);
    if (order != 0) return order;
  }
}

}  // namespace vedette::formats::versions
