// SPDX-License-Identifier: Apache-2.0
#include "match/needle_scanner.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>

#include "base/result.h"

namespace vedette::match {
namespace {

char lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }
char upper(char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c & ~0x20 : c); }

// Letters that English and paths are full of make poor anchors.
unsigned commonness(char c) {
  constexpr std::string_view kCommon = "eiosntarcdlm \\./";
  const std::size_t rank = kCommon.find(c);
  return rank == std::string_view::npos ? 1 : 18 - static_cast<unsigned>(rank);
}

std::uint32_t best_offset(std::string_view needle) {
  const std::size_t size = std::min(needle.size(), NeedleScanner::kAnchorBytes);
  std::uint32_t best = 0;
  unsigned best_score = 0xFFFFFFFF;
  for (std::size_t i = 0; i + size <= needle.size(); ++i) {
    unsigned score = 0;
    for (std::size_t k = 0; k < size; ++k) score += commonness(needle[i + k]);
    if (score < best_score) {
      best_score = score;
      best = static_cast<std::uint32_t>(i);
    }
  }
  return best;
}

}  // namespace

NeedleScanner::NeedleScanner(std::vector<std::string> needles) {
  for (std::string& needle : needles) {
    CHECK(needle.size() >= kNeedleBytesMin);
    std::transform(needle.begin(), needle.end(), needle.begin(), lower);
  }
  if (needles.size() > kTableNeedlesMax) {
    const auto is_short = [](const std::string& needle) {
      return needle.size() < SparseScanner::kNeedleBytesMin;
    };
    const auto first_long = std::partition(needles.begin(), needles.end(), is_short);
    const std::vector<std::string> long_needles(first_long, needles.end());
    if (!long_needles.empty()) sparse_.emplace(long_needles);
    needles.erase(first_long, needles.end());
  }
  // Needles with like anchors share a bucket, so that few buckets are suspected at any position.
  std::sort(needles.begin(), needles.end(), [](const std::string& a, const std::string& b) {
    return a.substr(best_offset(a), kAnchorBytes) < b.substr(best_offset(b), kAnchorBytes);
  });
  needles.erase(std::unique(needles.begin(), needles.end()), needles.end());
  for (std::size_t i = 0; i < needles.size(); ++i) {
    const std::size_t bucket = i * 8 / needles.size();
    const std::uint32_t offset = best_offset(needles[i]);
    const auto allow = [&](std::size_t k, std::uint8_t byte) {
      low_[k][byte & 15] = static_cast<std::uint8_t>(low_[k][byte & 15] | 1U << bucket);
      high_[k][byte >> 4] = static_cast<std::uint8_t>(high_[k][byte >> 4] | 1U << bucket);
    };
    for (std::size_t k = 0; k < kAnchorBytes; ++k) {
      if (offset + k < needles[i].size()) {
        allow(k, static_cast<std::uint8_t>(needles[i][offset + k]));
        allow(k, static_cast<std::uint8_t>(upper(needles[i][offset + k])));
      } else {
        for (unsigned nibble = 0; nibble < 16; ++nibble)
          allow(k, static_cast<std::uint8_t>(nibble * 17));
      }
    }
    buckets_[bucket].push_back({needles[i], offset});
  }
#if defined(__x86_64__)
  wide_ = __builtin_cpu_supports("avx2");
#endif
}

bool NeedleScanner::verify(std::string_view text, std::size_t position,
                           std::uint8_t buckets) const {
  for (unsigned rest = buckets; rest != 0; rest &= rest - 1) {
    const auto bucket = static_cast<std::size_t>(std::countr_zero(rest));
    for (const Needle& needle : buckets_[bucket]) {
      if (position < needle.offset) continue;
      const std::size_t start = position - needle.offset;
      if (text.size() - start < needle.folded.size()) continue;
      std::size_t i = 0;
      while (i < needle.folded.size() && lower(text[start + i]) == needle.folded[i]) ++i;
      if (i == needle.folded.size()) return true;
    }
  }
  return false;
}

bool NeedleScanner::found_plain(std::string_view text, std::size_t from) const {
  for (std::size_t i = from; i + kNeedleBytesMin <= text.size(); ++i) {
    std::uint8_t suspects = 0xFF;
    for (std::size_t k = 0; k < kAnchorBytes && i + k < text.size(); ++k) {
      const auto byte = static_cast<std::uint8_t>(text[i + k]);
      suspects = static_cast<std::uint8_t>(suspects & low_[k][byte & 15] & high_[k][byte >> 4]);
    }
    if (suspects != 0 && verify(text, i, suspects)) return true;
  }
  return false;
}

#if defined(__x86_64__)
namespace {

__attribute__((target("avx2"), always_inline)) inline __m256i table(
    const std::array<std::uint8_t, 16>& half) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(half.data())));
}

__attribute__((target("avx2"), always_inline)) inline __m256i load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

// The sets of buckets whose needles may have each of these bytes at the tables' position.
__attribute__((target("avx2"), always_inline)) inline __m256i look_up(__m256i bytes, __m256i low,
                                                                      __m256i high) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i lower_half = _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, nibble));
  const __m256i upper_half =
      _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
  return _mm256_and_si256(lower_half, upper_half);
}

}  // namespace

__attribute__((target("avx2"))) bool NeedleScanner::found_avx2(std::string_view text) const {
  const __m256i low0 = table(low_[0]);
  const __m256i low1 = table(low_[1]);
  const __m256i low2 = table(low_[2]);
  const __m256i low3 = table(low_[3]);
  const __m256i high0 = table(high_[0]);
  const __m256i high1 = table(high_[1]);
  const __m256i high2 = table(high_[2]);
  const __m256i high3 = table(high_[3]);
  std::size_t i = 0;
  // Overlapping loads stand in for the shifts between neighbouring blocks: loads are cheap
  // here.
  for (; i + 35 <= text.size(); i += 32) {
    const char* const at = text.data() + i;
    const __m256i front =
        _mm256_and_si256(look_up(load(at), low0, high0), look_up(load(at + 1), low1, high1));
    const __m256i back =
        _mm256_and_si256(look_up(load(at + 2), low2, high2), look_up(load(at + 3), low3, high3));
    const __m256i suspects = _mm256_and_si256(front, back);
    if (_mm256_testz_si256(suspects, suspects)) [[likely]]
      continue;
    alignas(32) std::array<std::uint8_t, 32> buckets;
    _mm256_store_si256(reinterpret_cast<__m256i*>(buckets.data()), suspects);
    auto positions = ~static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(suspects, _mm256_setzero_si256())));
    for (; positions != 0; positions &= positions - 1) {
      const auto k = static_cast<std::size_t>(std::countr_zero(positions));
      if (verify(text, i + k, buckets[k])) return true;
    }
  }
  return found_plain(text, i);
}
#else
bool NeedleScanner::found_avx2(std::string_view text) const { return found_plain(text, 0); }
#endif

bool NeedleScanner::found_in(std::string_view text) const {
  if (sparse_ && sparse_->found_in(text)) return true;
  return wide_ ? found_avx2(text) : found_plain(text, 0);
}

}  // namespace vedette::match
