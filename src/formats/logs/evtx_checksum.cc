// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_checksum.h"

#include <array>
#include <cstring>

namespace vedette::formats::logs::evtx {
namespace {

// Sixteen bytes at a time ("slicing"): kTables[k][b] is the remainder of byte b followed by k zero
// bytes, so the remainders of sixteen bytes are looked up independently of one another.
constexpr std::size_t kSlices = 16;
constexpr auto kTables = [] {
  std::array<std::array<std::uint32_t, 256>, kSlices> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xEDB88320U : 0U);
    }
    tables[0][byte] = remainder;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}();

std::uint32_t word_remainder(std::uint32_t word, std::size_t slice) {
  return kTables[slice + 3][word & 0xFF] ^ kTables[slice + 2][(word >> 8) & 0xFF] ^
         kTables[slice + 1][(word >> 16) & 0xFF] ^ kTables[slice][word >> 24];
}

}  // namespace

std::uint32_t checksum(std::string_view bytes, std::uint32_t before) {
  std::uint32_t remainder = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kSlices; left -= kSlices, at += kSlices) {
    std::array<std::uint32_t, 4> words;
    std::memcpy(words.data(), at, kSlices);
    remainder = word_remainder(words[0] ^ remainder, 12) ^ word_remainder(words[1], 8) ^
                word_remainder(words[2], 4) ^ word_remainder(words[3], 0);
  }
  for (; left != 0; --left, ++at) {
    remainder = (remainder >> 8) ^ kTables[0][(remainder ^ static_cast<std::uint8_t>(*at)) & 0xFF];
  }
  return ~remainder;
}

}  // namespace vedette::formats::logs::evtx
