// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// Numbers and nothing else, "1.0-2" and "1.0.2" being the same; the longer one comes later.
namespace vedette::formats::versions {

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  const auto is_gap = [](char c) { return !is_digit(c); };
  while (true) {
    take_while(a, is_gap);
    take_while(b, is_gap);
    if (a.empty() || b.empty()) return !a.empty() <=> !b.empty();
    const auto order = compare_digits(take_digits(a), take_digits(b));
    if (order != 0) return order;
  }
}

}  // namespace vedette::formats::versions
