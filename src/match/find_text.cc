// SPDX-License-Identifier: Apache-2.0
#include "match/find_text.h"

#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vedette::match {

bool contains_text(std::string_view text, std::string_view wanted) {
  if (wanted.empty()) return true;
  if (wanted.size() > text.size()) return false;
  const std::size_t places = text.size() - wanted.size() + 1;
  std::size_t place = 0;
#if defined(__SSE2__)
  constexpr std::size_t kBlock = 16;
  const auto load = [](const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  };
  const __m128i first = _mm_set1_epi8(wanted.front());
  const __m128i last = _mm_set1_epi8(wanted.back());
  for (; place + kBlock <= places; place += kBlock) {
    const char* const at = text.data() + place;
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load(at), first),
                                       _mm_cmpeq_epi8(load(at + wanted.size() - 1), last));
    auto suspects = static_cast<std::uint32_t>(_mm_movemask_epi8(both));
    for (; suspects != 0; suspects &= suspects - 1) {
      if (std::memcmp(at + std::countr_zero(suspects), wanted.data(), wanted.size()) == 0)
        return true;
    }
  }
#endif
  return text.substr(place).find(wanted) != std::string_view::npos;
}

namespace {

// What is set in a byte before it is compared with `c`: the bit that tells letters' case.
char fold_bit(char c) { return c >= 'a' && c <= 'z' ? ' ' : '\0'; }

bool equals_folded(const char* text, std::string_view wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if ((text[i] | fold_bit(wanted[i])) != wanted[i]) return false;
  }
  return true;
}

}  // namespace

std::size_t find_folded(std::string_view text, std::string_view wanted, std::size_t from) {
  if (wanted.empty() || text.size() < wanted.size()) return std::string_view::npos;
  const std::size_t places = text.size() - wanted.size() + 1;
  std::size_t place = from;
#if defined(__SSE2__)
  constexpr std::size_t kBlock = 16;
  const auto load = [](const char* at, __m128i fold) {
    return _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), fold);
  };
  const __m128i first = _mm_set1_epi8(wanted.front());
  const __m128i last = _mm_set1_epi8(wanted.back());
  const __m128i first_fold = _mm_set1_epi8(fold_bit(wanted.front()));
  const __m128i last_fold = _mm_set1_epi8(fold_bit(wanted.back()));
  for (; place + kBlock <= places; place += kBlock) {
    const char* const at = text.data() + place;
    const __m128i both =
        _mm_and_si128(_mm_cmpeq_epi8(load(at, first_fold), first),
                      _mm_cmpeq_epi8(load(at + wanted.size() - 1, last_fold), last));
    auto suspects = static_cast<std::uint32_t>(_mm_movemask_epi8(both));
    for (; suspects != 0; suspects &= suspects - 1) {
      const auto offset = static_cast<std::size_t>(std::countr_zero(suspects));
      if (equals_folded(at + offset, wanted)) return place + offset;
    }
  }
#endif
  for (; place < places; ++place) {
    if (equals_folded(text.data() + place, wanted)) return place;
  }
  return std::string_view::npos;
}

}  // namespace vedette::match
