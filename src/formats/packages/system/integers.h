// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// Integers in foreign files, of either order of bytes; nothing where they would end outside.
namespace vedette::formats::packages {

template <typename Integer>
std::optional<Integer> little_endian(std::string_view bytes, std::uint64_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(Integer)) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(Integer); i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<Integer>(value);
}

template <typename Integer>
std::optional<Integer> big_endian(std::string_view bytes, std::uint64_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(Integer)) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<Integer>(value);
}

inline std::optional<std::uint32_t> big_endian_32(std::string_view bytes, std::uint64_t at) {
  return big_endian<std::uint32_t>(bytes, at);
}

}  // namespace vedette::formats::packages
