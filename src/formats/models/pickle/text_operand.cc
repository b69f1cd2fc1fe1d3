// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/text_operand.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/unicode.h"

namespace vedette::formats::models {
namespace {

// So many hexadecimal digits at `at`.
std::optional<std::uint32_t> hexadecimal(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = text.data() + at + count;
  const auto [stopped, error] = std::from_chars(text.data() + at, end, number, 16);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

char simple_escape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

}  // namespace

std::string unquote(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
      text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x') {
      if (const auto byte = hexadecimal(text, i + 1, 2)) {
        out += static_cast<char>(*byte);
        i += 2;
        continue;
      }
    }
    if (c >= '0' && c <= '7') {
      unsigned byte = 0;
      std::size_t digits = 0;
      while (digits < 3 && i + digits < text.size() && text[i + digits] >= '0' &&
             text[i + digits] <= '7') {
        byte = byte * 8 + static_cast<unsigned>(text[i + digits] - '0');
        ++digits;
      }
      i += digits - 1;
      out += static_cast<char>(byte & 0xFF);
      continue;
    }
    out += simple_escape(c);
  }
  return out;
}

std::string unescape_unicode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'u' || text[i + 1] == 'U');
    const std::size_t digits = is_escape && text[i + 1] == 'u' ? 4 : 8;
    const auto code = is_escape ? hexadecimal(text, i + 2, digits) : std::nullopt;
    if (!code) {
      out += text[i];
      continue;
    }
    append_utf8(*code, out);
    i += 1 + digits;
  }
  return out;
}

// As int() reads it: blanks around, a sign, and a low line between digits.
std::uint64_t text_number(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\v\f\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t number = 0;
  for (const char c : text) {
    constexpr std::uint64_t kMax = ~std::uint64_t{0};
    if (c == '_') continue;
    if (c < '0' || c > '9') break;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (kMax - digit) / 10) return kMax;
    number = number * 10 + digit;
  }
  return number;
}

}  // namespace vedette::formats::models
