// SPDX-License-Identifier: Apache-2.0
#include "rules/transform.h"

#include <array>
#include <cstdint>
#include <utility>

namespace vedette::rules {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"tolower", "toupper", "b64", "basename", "len"};

void shift_letters(std::string& text, char first, char last, int by) {
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c + by);
  }
}

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// RFC 4648 section 4; padding may be missing.
std::optional<std::string> base64_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = sextet(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

}  // namespace

std::optional<std::string> transformed(std::span<const Transform> transforms,
                                       std::string_view text) {
  std::optional<std::string> result(text);
  for (const Transform transform : transforms) {
    switch (transform) {
      case Transform::kLower:
        shift_letters(*result, 'A', 'Z', 'a' - 'A');
        break;
      case Transform::kUpper:
        shift_letters(*result, 'a', 'z', 'A' - 'a');
        break;
      case Transform::kBase64:
        result = base64_decoded(*result);
        if (!result) return std::nullopt;
        break;
      case Transform::kBasename:
        result->erase(0, result->rfind('/') + 1);
        break;
      case Transform::kLength:
        result = std::to_string(result->size());
        break;
    }
  }
  return result;
}

std::string_view to_string(Transform transform) {
  return kNames[static_cast<std::size_t>(transform)];
}

}  // namespace vedette::rules
