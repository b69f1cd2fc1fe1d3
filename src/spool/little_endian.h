// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers of the spool's files, the same on every machine.
namespace vedette::spool {

template <typename Number>
void put_number(Number number, std::string& out) {
  auto bits = static_cast<std::uint64_t>(number);
  for (std::size_t i = 0; i < sizeof(Number); ++i, bits >>= 8) {
    out += static_cast<char>(bits & 0xFF);
  }
}

// `bytes` holds the number at `at`; the caller has checked the size.
template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t bits = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    bits = (bits << 8) | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return static_cast<Number>(bits);
}

}  // namespace vedette::spool
