// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Where the bytes that matter to JSON's structure stand in 64 bytes, one bit each (bit i = byte i),
// after Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019), section 3.1.
namespace vedette::formats::logs {

struct JsonMasks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t brackets = 0;  // of all four kinds
  std::uint64_t line_ends = 0;
};

#if defined(__SSE2__)
inline std::uint64_t mask_of(const __m128i equal, int shift) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(equal))) << shift;
}

// Reads exactly 64 bytes.
inline JsonMasks json_masks(const char* bytes) {
  JsonMasks masks;
  for (int i = 0; i < 64; i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
    // '[' and ']' differ from '{' and '}' in this bit only.
    const __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
    masks.quotes |= mask_of(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')), i);
    masks.backslashes |= mask_of(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\')), i);
    masks.line_ends |= mask_of(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')), i);
    masks.brackets |= mask_of(_mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')),
                                           _mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))),
                              i);
  }
  return masks;
}
#else
inline JsonMasks json_masks(const char* bytes) {
  JsonMasks masks;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    const char c = bytes[i];
    if (c == '"') masks.quotes |= bit;
    if (c == '\\') masks.backslashes |= bit;
    if (c == '\n') masks.line_ends |= bit;
    if (c == '{' || c == '}' || c == '[' || c == ']') masks.brackets |= bit;
  }
  return masks;
}
#endif

// The bytes that a backslash escapes. `escaped` says whether the first byte is escaped; the
// backslashes that themselves escape are put into `escaping`.
inline std::uint64_t escaped_bytes(std::uint64_t backslashes, bool escaped,
                                   std::uint64_t& escaping) {
  const std::uint64_t first = escaped ? 1 : 0;
  escaping = 0;
  if (backslashes == 0) return first;
  // Runs of backslashes alternate between escaping and escaped. Subtracting the run from its
  // shifted copy, with the odd bits set, carries exactly through the runs that begin at an odd bit.
  constexpr std::uint64_t kOddBits = 0xAAAAAAAAAAAAAAAAULL;
  const std::uint64_t may_escape = backslashes & ~first;
  const std::uint64_t codes = (((may_escape << 1) | kOddBits) - may_escape) ^ kOddBits;
  escaping = codes & backslashes;
  return codes ^ (backslashes | first);
}

// Bit i = parity of the bits 0..i.
inline std::uint64_t prefix_parity(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

}  // namespace vedette::formats::logs
