// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// Gem::Version: runs of digits and of letters; with letters it is a pre-release. Zeros before the
// first letter and at the end mean nothing.
namespace vedette::formats::versions {
namespace {

std::string_view without_zeros(std::string_view text) {
  while (true) {
    while (!text.empty() && !is_digit(text.back()) && !is_letter(text.back()) &&
           text.back() != '-') {
      text.remove_suffix(1);
    }
    const std::size_t kept = text.find_last_not_of('0') + 1;
    if (kept == text.size() || (kept > 0 && is_digit(text[kept - 1]))) return text;
    text = text.substr(0, kept);
  }
}

// The segments of a version, one after the other; behind the last one zeros.
class Segments {
 public:
  explicit Segments(std::string_view text) {
    const auto* const letter =
        std::ranges::find_if(text, [](char c) { return is_letter(c) || c == '-'; });
    const auto numbers = static_cast<std::size_t>(letter - text.begin());
    numbers_ = without_zeros(text.substr(0, numbers));
    rest_ = without_zeros(text.substr(numbers));
  }

  bool at_end() const { return numbers_.empty() && rest_.empty(); }

  std::string_view next() {
    std::string_view& text = numbers_.empty() ? rest_ : numbers_;
    take_while(text, [](char c) { return !is_digit(c) && !is_letter(c) && c != '-'; });
    std::string_view segment = "0";
    if (take(text, "-")) {
      segment = "pre";
    } else if (!text.empty()) {
      segment = is_digit(text[0]) ? take_digits(text) : take_letters(text);
    }
    return segment;
  }

 private:
  std::string_view numbers_;  // of the text that is compared
  std::string_view rest_;
};

}  // namespace

std::strong_ordering compare_gem(std::string_view a, std::string_view b) {
  Segments left(a);
  Segments right(b);
  while (!left.at_end() || !right.at_end()) {
    const std::string_view left_segment = left.next();
    const std::string_view right_segment = right.next();
    const bool left_number = is_digit(left_segment[0]);
    const bool right_number = is_digit(right_segment[0]);
    if (left_number != right_number) return left_number <=> right_number;
    const auto order = left_number ? compare_digits(left_segment, right_segment)
                                   : compare_text(left_segment, right_segment);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace vedette::formats::versions
