// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vedette::match {

// A decimal number of any length, compared exactly: 4624, "4624", 4624.0 and 4.624e3 are equal, and
// 9007199254740993 is not 9007199254740992.
class Decimal {
 public:
  // An optional sign, digits with an optional point, an optional exponent; nothing around it, at
  // most kDigitsMax characters. Hexadecimal forms and words are not numbers.
  static std::optional<Decimal> parse(std::string_view text);
  static constexpr std::size_t kDigitsMax = 400;

  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const = default;

  // Equal numbers have equal texts.
  std::string canonical() const;

 private:
  bool negative_ = false;
  std::int64_t exponent_ = 0;  // value = 0.digits * 10^exponent
  std::string digits_;         // without leading or trailing zeros; empty for zero
};

}  // namespace vedette::match
