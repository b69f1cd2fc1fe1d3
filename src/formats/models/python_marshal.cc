// SPDX-License-Identifier: Apache-2.0
#include "formats/models/python_marshal.h"

#include <algorithm>
#include <cstdint>

namespace vedette::formats::models {
namespace {

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.';
  });
}

}  // namespace

std::vector<std::string> marshalled_names(std::string_view code) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at + 2 < code.size() && names.size() < kMarshalNamesMax; ++at) {
    // TYPE_SHORT_ASCII and TYPE_SHORT_ASCII_INTERNED have one byte for the size, TYPE_STRING,
    // TYPE_INTERNED and TYPE_ASCII (Python 2) four; the highest bit says that it is referred to.
    const char type = static_cast<char>(code[at] & 0x7F);
    const bool is_short = type == 'z' || type == 'Z';
    const bool is_long = type == 's' || type == 't' || type == 'a' || type == 'A';
    if (!is_short && !is_long) continue;
    const std::size_t size = static_cast<unsigned char>(code[at + 1]);
    const std::size_t begin = at + (is_short ? 2 : 5);
    if (size < 2 || begin + size > code.size()) continue;
    if (is_long && code.substr(at + 2, 3) != std::string_view("\0\0\0", 3)) continue;
    const std::string_view text = code.substr(begin, size);
    if (!is_name(text)) continue;
    if (std::ranges::find(names, text) == names.end()) names.emplace_back(text);
    at = begin + size - 1;
  }
  return names;
}

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

}  // namespace vedette::formats::models
