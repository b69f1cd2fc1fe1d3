// SPDX-License-Identifier: Apache-2.0
#include "match/gram_filter.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vedette::match {
namespace {

constexpr std::uint8_t kFold = 0x20;

// Which bit of a table's byte, by the lower six bits of what is asked.
constexpr std::array<std::uint8_t, 64> kBits = [] {
  std::array<std::uint8_t, 64> bits{};
  for (unsigned i = 0; i < bits.size(); ++i)
    bits[i] = static_cast<std::uint8_t>(1U << ((i ^ (i >> 3)) & 7));
  return bits;
}();

// What chooses a bit of a large table: nine bits the byte, of which the lower seven come from the
// first sum and two from the second, whose lower six bits choose the bit.
struct Sums {
  std::uint8_t first = 0;
  std::uint8_t second = 0;
};
// The same is written with vectors below.
Sums sums_of(std::size_t table, std::uint8_t x, std::uint8_t y, std::uint8_t z) {
  const unsigned first = table == 0 ? x + 3U * y + 9U * z : 9U * x + y + 3U * z;
  const unsigned second = table == 0 ? 5U * x + y + 3U * z : x + 5U * y + 7U * z;
  return {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)};
}

}  // namespace

void GramFilter::add(std::uint32_t gram, Width width) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(gram >> (8 * i) | kFold);
  for (std::size_t table = 0; table < fronts_.size(); ++table) {
    const Sums sums = sums_of(table, bytes[0], bytes[1], bytes[2]);
    const std::size_t block = (sums.first >= 128 ? 1U : 0U) + (sums.second >= 128 ? 2U : 0U);
    std::uint8_t& bits = fronts_[table][128 * block + (sums.first & 127)];
    bits = static_cast<std::uint8_t>(bits | kBits[sums.second & 63]);
  }
  // The byte of these tables is chosen by the byte before, so that "any" fills one byte only.
  for (std::size_t table = 0; table < backs_.size(); ++table) {
    std::uint8_t& bits = backs_[table][bytes[2 - table] & 127];
    bits = static_cast<std::uint8_t>(width == Width::kThree ? 0xFF : bits | kBits[bytes[3] & 63]);
  }
}

void GramFilter::add_pair(char first, char second) {
  pairs_.push_back({static_cast<char>(first | kFold), static_cast<char>(second | kFold)});
}

#if defined(__x86_64__)
#define VEDETTE_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

bool GramFilter::is_supported() {
  return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
}

namespace {

VEDETTE_VBMI inline __m512i load_folded(const char* text) {
  return _mm512_or_si512(_mm512_loadu_si512(text), _mm512_set1_epi8(kFold));
}

VEDETTE_VBMI inline __m512i plus(__m512i a, __m512i b) { return _mm512_add_epi8(a, b); }
VEDETTE_VBMI inline __m512i thrice(__m512i a) { return plus(plus(a, a), a); }

// The bit of a byte that `choice` chooses.
VEDETTE_VBMI inline __mmask64 test_bit(__m512i bytes, __m512i choice) {
  // The form with a mask, as the one without makes some compilers warn.
  const __m512i bits =
      _mm512_maskz_permutexvar_epi8(~__mmask64{0}, choice, _mm512_loadu_si512(kBits.data()));
  return _mm512_test_epi8_mask(bytes, bits);
}

VEDETTE_VBMI inline __m512i look_up(const std::uint8_t* table, __m512i index) {
  return _mm512_permutex2var_epi8(_mm512_load_si512(table), index, _mm512_load_si512(table + 64));
}

VEDETTE_VBMI inline __mmask64 test_large(const std::uint8_t* table, __m512i first, __m512i second) {
  const __mmask64 odd = _mm512_movepi8_mask(first);
  const __mmask64 high = _mm512_movepi8_mask(second);
  const __m512i low_block =
      _mm512_mask_blend_epi8(odd, look_up(table, first), look_up(table + 128, first));
  const __m512i high_block =
      _mm512_mask_blend_epi8(odd, look_up(table + 256, first), look_up(table + 384, first));
  return test_bit(_mm512_mask_blend_epi8(high, low_block, high_block), second);
}

}  // namespace

VEDETTE_VBMI std::uint64_t GramFilter::places(const char* text) const {
  const __m512i x = load_folded(text);
  const __m512i y = load_folded(text + 1);
  const __m512i z = load_folded(text + 2);
  const __m512i last = load_folded(text + 3);
  const __m512i y3 = thrice(y);
  const __m512i z3 = thrice(z);
  const __mmask64 back =
      test_bit(look_up(backs_[0].data(), z), last) & test_bit(look_up(backs_[1].data(), y), last);
  const __m512i first = plus(x, plus(y3, thrice(z3)));
  const __m512i second = plus(plus(thrice(x), plus(x, x)), plus(y, z3));
  const __mmask64 front = test_large(fronts_[0].data(), first, second) & back;
  if (front == 0) return 0;
  const __m512i third = plus(thrice(thrice(x)), plus(y, z3));
  const __m512i fourth = plus(plus(x, plus(y3, plus(y, y))), plus(plus(z3, z3), z));
  return front & test_large(fronts_[1].data(), third, fourth);
}

VEDETTE_VBMI std::uint64_t GramFilter::pair_places(const char* text) const {
  const __m512i first = load_folded(text);
  const __m512i second = load_folded(text + 1);
  __mmask64 places = 0;
  for (const std::array<char, 2>& pair : pairs_) {
    places |= _mm512_cmpeq_epi8_mask(first, _mm512_set1_epi8(pair[0])) &
              _mm512_cmpeq_epi8_mask(second, _mm512_set1_epi8(pair[1]));
  }
  return places;
}
#else
bool GramFilter::is_supported() { return false; }
std::uint64_t GramFilter::places(const char*) const { return ~std::uint64_t{0}; }
std::uint64_t GramFilter::pair_places(const char*) const { return ~std::uint64_t{0}; }
#endif

}  // namespace vedette::match
