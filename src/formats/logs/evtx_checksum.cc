// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_checksum.h"

#include <array>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

#if defined(__x86_64__)
constexpr std::size_t kFoldMin = 64;
constexpr std::size_t kWideMin = 256;

__attribute__((target("pclmul,sse4.1"))) __m128i fold(__m128i value, __m128i constants,
                                                      __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(value, constants, 0x00);
  const __m128i high = _mm_clmulepi64_si128(value, constants, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul,sse4.1"))) __m128i load_block(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// Carry-less multiplication, from Gopal et al., "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction" (Intel, 2009), with that paper's constants for this polynomial.
constexpr std::array<long long, 2> kBy16 = {0x01751997D0, 0x00CCAA009E};
constexpr std::array<long long, 2> kBy64 = {0x0154442BD4, 0x01C6E41596};
constexpr std::array<long long, 2> kBy128 = {0x01E88EF372, 0x014A7FE880};  // made the same way

__attribute__((target("pclmul,sse4.1"))) __m128i constants(const std::array<long long, 2>& by) {
  return _mm_set_epi64x(by[1], by[0]);
}

// Takes 16 bytes at a time off the front, then the remainder out of `a`.
__attribute__((target("pclmul,sse4.1"))) std::uint32_t reduce(__m128i a, const char*& at,
                                                              std::size_t& left) {
  const __m128i by_16 = constants(kBy16);
  for (; left >= 16; at += 16, left -= 16) a = fold(a, by_16, load_block(at));
  // 128 bits to 64, to 32 (Barrett reduction).
  const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
  a = _mm_xor_si128(_mm_srli_si128(a, 8), _mm_clmulepi64_si128(a, by_16, 0x10));
  const __m128i to_64 = _mm_set_epi64x(0, 0x0163CD6124);
  a = _mm_xor_si128(_mm_srli_si128(a, 4),
                    _mm_clmulepi64_si128(_mm_and_si128(a, low_words), to_64, 0x00));
  const __m128i polynomial = _mm_set_epi64x(0x01F7011641, 0x01DB710641);
  __m128i q = _mm_clmulepi64_si128(_mm_and_si128(a, low_words), polynomial, 0x10);
  q = _mm_clmulepi64_si128(_mm_and_si128(q, low_words), polynomial, 0x00);
  return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(a, q), 1));
}

// Takes at least kFoldMin bytes off the front, a multiple of 16.
__attribute__((target("pclmul,sse4.1"))) std::uint32_t fold_blocks(const char*& at,
                                                                   std::size_t& left,
                                                                   std::uint32_t remainder) {
  const __m128i by_64 = constants(kBy64);
  const __m128i by_16 = constants(kBy16);
  __m128i a = _mm_xor_si128(load_block(at), _mm_cvtsi32_si128(static_cast<int>(remainder)));
  __m128i b = load_block(at + 16);
  __m128i c = load_block(at + 32);
  __m128i d = load_block(at + 48);
  for (at += 64, left -= 64; left >= 64; at += 64, left -= 64) {
    a = fold(a, by_64, load_block(at));
    b = fold(b, by_64, load_block(at + 16));
    c = fold(c, by_64, load_block(at + 32));
    d = fold(d, by_64, load_block(at + 48));
  }
  return reduce(fold(fold(fold(a, by_16, b), by_16, c), by_16, d), at, left);
}

__attribute__((target("vpclmulqdq,avx2"))) __m256i load_wide(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

__attribute__((target("vpclmulqdq,avx2"))) __m256i fold_wide(__m256i value, __m256i by,
                                                             __m256i next) {
  const __m256i low = _mm256_clmulepi64_epi128(value, by, 0x00);
  const __m256i high = _mm256_clmulepi64_epi128(value, by, 0x11);
  return _mm256_xor_si256(_mm256_xor_si256(low, high), next);
}

// The same for at least kWideMin bytes, two blocks with each instruction.
__attribute__((target("vpclmulqdq,avx2,pclmul,sse4.1"))) std::uint32_t fold_wide_blocks(
    const char*& at, std::size_t& left, std::uint32_t remainder) {
  const __m256i by_128 = _mm256_broadcastsi128_si256(constants(kBy128));
  const __m128i first = _mm_cvtsi32_si128(static_cast<int>(remainder));
  __m256i a = _mm256_xor_si256(load_wide(at), _mm256_set_m128i(_mm_setzero_si128(), first));
  __m256i b = load_wide(at + 32);
  __m256i c = load_wide(at + 64);
  __m256i d = load_wide(at + 96);
  for (at += 128, left -= 128; left >= 128; at += 128, left -= 128) {
    a = fold_wide(a, by_128, load_wide(at));
    b = fold_wide(b, by_128, load_wide(at + 32));
    c = fold_wide(c, by_128, load_wide(at + 64));
    d = fold_wide(d, by_128, load_wide(at + 96));
  }
  const __m128i by_16 = constants(kBy16);
  __m128i all = fold(_mm256_castsi256_si128(a), by_16, _mm256_extracti128_si256(a, 1));
  for (const __m256i* two : {&b, &c, &d}) {
    all = fold(all, by_16, _mm256_castsi256_si128(*two));
    all = fold(all, by_16, _mm256_extracti128_si256(*two, 1));
  }
  return reduce(all, at, left);
}
#endif

}  // namespace

std::uint32_t checksum(std::string_view bytes, std::uint32_t before) {
  std::uint32_t remainder = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
#if defined(__x86_64__)
  if (left >= kWideMin && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2")) {
    remainder = fold_wide_blocks(at, left, remainder);
  } else if (left >= kFoldMin && __builtin_cpu_supports("pclmul") &&
             __builtin_cpu_supports("sse4.1")) {
    remainder = fold_blocks(at, left, remainder);
  }
#endif
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
