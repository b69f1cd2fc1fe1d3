// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "event/value.h"

// What a scalar of JSON other than a string is (RFC 8259 sections 3 and 6); inline, since a decoder
// asks it of every number that some rule reads.
namespace vedette::formats::logs {

inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The bytes that numbers, true, false and null begin with.
inline constexpr std::array<bool, 256> kScalarStart = [] {
  std::array<bool, 256> starts{};
  for (const char c : std::string_view("-0123456789tfn"))
    starts[static_cast<unsigned char>(c)] = true;
  return starts;
}();

inline bool begins_scalar(char c) { return kScalarStart[static_cast<unsigned char>(c)]; }

// RFC 8259 section 6.
inline bool is_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t first = i;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// kAbsent: none.
inline event::Kind scalar_kind(std::string_view text) {
  if (text == "true" || text == "false") return event::Kind::kBoolean;
  if (text == "null") return event::Kind::kNull;
  return is_number(text) ? event::Kind::kNumber : event::Kind::kAbsent;
}

}  // namespace vedette::formats::logs
