// SPDX-License-Identifier: Apache-2.0
#include "match/decimal.h"

#include <charconv>

namespace vedette::match {

std::optional<Decimal> Decimal::parse(std::string_view text) {
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  Decimal number;
  if (text.front() == '-' || text.front() == '+') {
    number.negative_ = text.front() == '-';
    text.remove_prefix(1);
  }
  std::int64_t exponent = 0;
  if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (error != std::errc() || end != power.data() + power.size()) return std::nullopt;
    if (exponent > 1'000'000'000 || exponent < -1'000'000'000) return std::nullopt;
    text = text.substr(0, e);
  }
  bool point = false;
  bool any_digit = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any_digit = true;
    const bool leading_zero = c == '0' && number.digits_.empty();
    if (!leading_zero) number.digits_.push_back(c);
    // Digits before the point raise the exponent unless they are leading zeros; zeros right behind
    // the point, before the first other digit, lower it.
    if (!point && !leading_zero) ++exponent;
    if (point && leading_zero) --exponent;
  }
  if (!any_digit) return std::nullopt;
  while (!number.digits_.empty() && number.digits_.back() == '0') number.digits_.pop_back();
  number.exponent_ = number.digits_.empty() ? 0 : exponent;
  if (number.digits_.empty()) number.negative_ = false;
  return number;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  const int sign = digits_.empty() ? 0 : negative_ ? -1 : 1;
  const int other_sign = other.digits_.empty() ? 0 : other.negative_ ? -1 : 1;
  if (sign != other_sign || sign == 0) return sign <=> other_sign;
  std::strong_ordering magnitude = exponent_ <=> other.exponent_;
  // Without trailing zeros the lexicographic order of the digits is the order of the fractions.
  if (magnitude == 0) magnitude = digits_.compare(other.digits_) <=> 0;
  if (sign > 0) return magnitude;
  return 0 <=> magnitude;
}

std::string Decimal::canonical() const {
  if (digits_.empty()) return "0";
  return (negative_ ? "-." : ".") + digits_ + "e" + std::to_string(exponent_);
}

}  // namespace vedette::match
