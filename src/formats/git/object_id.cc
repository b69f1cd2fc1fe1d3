// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_id.h"

namespace vedette::formats::git {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<ObjectId> ObjectId::parse(std::string_view hexadecimal, HashKind kind) {
  if (hexadecimal.size() != 2 * bytes_of(kind)) return std::nullopt;
  ObjectId id;
  for (std::size_t i = 0; i < hexadecimal.size(); i += 2) {
    const int high = digit(hexadecimal[i]);
    const int low = digit(hexadecimal[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i / 2] = static_cast<char>(high * 16 + low);
  }
  return id;
}

std::string to_hexadecimal(const ObjectId& id, HashKind kind) {
  std::string text;
  text.reserve(2 * bytes_of(kind));
  for (std::size_t i = 0; i < bytes_of(kind); ++i) {
    const auto byte = static_cast<std::uint8_t>(id.bytes[i]);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace vedette::formats::git
