// SPDX-License-Identifier: Apache-2.0
#include "match/needle_scanner.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>

#include "base/result.h"
#include "match/commonness.h"

namespace vedette::match {
namespace {

char lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }
char upper(char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c & ~0x20 : c); }

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How many of a million pairs of bytes are this one. A colon stands between quotes and digits,
// seldom beside a letter or another colon, which is where it makes an anchor of the names of
// modules ("sekurlsa::"); digits keep company.
unsigned pair_commonness(char a, char b) {
  const unsigned both = byte_commonness(a) * byte_commonness(b);
  const bool beside_colon = (a == ':' && (is_letter(b) || b == ':')) || (b == ':' && is_letter(a));
  if (beside_colon) return both / 50;
  return is_digit(a) && is_digit(b) ? both * 3 : both;
}

// Where the rarest two bytes are, which nearly every position is ruled out by.
std::uint32_t best_offset(std::string_view needle) {
  std::uint32_t best = 0;
  unsigned best_score = 0xFFFFFFFF;
  for (std::size_t i = 0; i + 2 <= needle.size(); ++i) {
    const unsigned score = pair_commonness(needle[i], needle[i + 1]);
    if (score < best_score) {
      best_score = score;
      best = static_cast<std::uint32_t>(i);
    }
  }
  return best;
}

// Needles of one bucket, as far as their first two anchor bytes go: the tables know which halves of
// a byte occur, so every combination of halves passes.
struct Bucket {
  std::vector<SparseScanner::Needle> needles;
  std::array<std::uint16_t, 2> low{};
  std::array<std::uint16_t, 2> high{};

  void allow(std::size_t k, char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    low[k] = static_cast<std::uint16_t>(low[k] | 1U << (byte & 15));
    high[k] = static_cast<std::uint16_t>(high[k] | 1U << (byte >> 4));
  }
  void add(const Bucket& other) {
    needles.insert(needles.end(), other.needles.begin(), other.needles.end());
    for (std::size_t k = 0; k < 2; ++k) {
      low[k] |= other.low[k];
      high[k] |= other.high[k];
    }
  }
  // How often a position passes, as a guess.
  std::uint64_t commonness() const {
    std::array<std::uint64_t, 2> sums{};
    for (std::size_t k = 0; k < 2; ++k) {
      for (unsigned byte = 0; byte < 128; ++byte) {
        if ((low[k] >> (byte & 15) & high[k] >> (byte >> 4) & 1) != 0)
          sums[k] += byte_commonness(lower(static_cast<char>(byte)));
      }
    }
    return sums[0] * sums[1];
  }
};

// Deals needles into at most eight buckets so that few positions pass: those with like anchors
// share one. Of neighbours in the order of anchors, the two are joined that cost least, again and
// again.
std::vector<Bucket> deal(std::vector<SparseScanner::Needle> needles) {
  const auto anchor_of = [](const SparseScanner::Needle& needle) {
    return needle.text.substr(best_offset(needle.text), 2);
  };
  std::sort(needles.begin(), needles.end(),
            [&](const SparseScanner::Needle& a, const SparseScanner::Needle& b) {
              return std::pair(anchor_of(a), std::string_view(a.text)) <
                     std::pair(anchor_of(b), std::string_view(b.text));
            });
  std::vector<Bucket> buckets;
  std::string last;
  for (SparseScanner::Needle& needle : needles) {
    const std::string anchor = anchor_of(needle);
    if (buckets.empty() || anchor != last) buckets.emplace_back();
    last = anchor;
    for (std::size_t k = 0; k < 2; ++k) {
      buckets.back().allow(k, anchor[k]);
      buckets.back().allow(k, upper(anchor[k]));
    }
    buckets.back().needles.push_back(std::move(needle));
  }
  while (buckets.size() > 8) {
    std::size_t best = 0;
    std::uint64_t best_cost = UINT64_MAX;
    for (std::size_t i = 0; i + 1 < buckets.size(); ++i) {
      Bucket joined;
      joined.low = buckets[i].low;
      joined.high = buckets[i].high;
      joined.add({{}, buckets[i + 1].low, buckets[i + 1].high});
      const std::uint64_t apart = buckets[i].commonness() + buckets[i + 1].commonness();
      const std::uint64_t together = joined.commonness();
      const std::uint64_t cost = together > apart ? together - apart : 0;
      if (cost < best_cost) {
        best_cost = cost;
        best = i;
      }
    }
    buckets[best].add(buckets[best + 1]);
    buckets.erase(buckets.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  return buckets;
}

}  // namespace

bool NeedleScanner::is_worthwhile(const std::vector<std::string>& needles) {
  const auto is_short = [](const std::string& needle) {
    return needle.size() < SparseScanner::kNeedleBytesMin;
  };
  return static_cast<std::size_t>(std::count_if(needles.begin(), needles.end(), is_short)) <=
         2 * kTableNeedlesMax;
}

NeedleScanner::NeedleScanner(std::vector<std::string> needles) {
  std::vector<SparseScanner::Needle> left;
  for (std::uint32_t id = 0; id < needles.size(); ++id) {
    std::string& needle = needles[id];
    CHECK(needle.size() >= kNeedleBytesMin);
    std::transform(needle.begin(), needle.end(), needle.begin(), lower);
    left.push_back({std::move(needle), id});
  }
  std::sort(left.begin(), left.end(),
            [](const SparseScanner::Needle& a, const SparseScanner::Needle& b) {
              return std::pair(a.text.size(), std::string_view(a.text)) <
                     std::pair(b.text.size(), std::string_view(b.text));
            });
  left.erase(std::unique(left.begin(), left.end(),
                         [](const SparseScanner::Needle& a, const SparseScanner::Needle& b) {
                           return a.text == b.text;
                         }),
             left.end());
  const auto first_long =
      std::find_if(left.begin(), left.end(), [](const SparseScanner::Needle& needle) {
        return needle.text.size() >= SparseScanner::kNeedleBytesMin;
      });
  if (left.size() > kTableNeedlesMax && first_long != left.end()) {
    const auto first_sparse =
        std::max(first_long, left.begin() + static_cast<std::ptrdiff_t>(kTableNeedlesMax));
    sparse_.emplace(std::vector<SparseScanner::Needle>(first_sparse, left.end()));
    left.erase(first_sparse, left.end());
  }
  const std::vector<Bucket> buckets = deal(std::move(left));
  for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    for (const SparseScanner::Needle& needle : buckets[bucket].needles) add(bucket, needle);
  }
#if defined(__x86_64__)
  wide_ = __builtin_cpu_supports("avx2");
#endif
}

void NeedleScanner::add(std::size_t bucket, const SparseScanner::Needle& added) {
  const std::string& needle = added.text;
  const std::uint32_t offset = best_offset(needle);
  const auto allow = [&](std::size_t k, char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    low_[k][byte & 15] = static_cast<std::uint8_t>(low_[k][byte & 15] | 1U << bucket);
    high_[k][byte >> 4] = static_cast<std::uint8_t>(high_[k][byte >> 4] | 1U << bucket);
  };
  for (std::size_t k = 0; k < kAnchorBytes; ++k) {
    if (offset + k < needle.size()) {
      allow(k, needle[offset + k]);
      allow(k, upper(needle[offset + k]));
    } else {
      for (int nibble = 0; nibble < 16; ++nibble) allow(k, static_cast<char>(nibble * 17));
    }
  }
  buckets_[bucket].push_back({needle, offset, added.id});
}

bool NeedleScanner::verify(std::string_view text, std::size_t position, std::uint8_t buckets,
                           Ids* out) const {
  bool found = false;
  for (unsigned rest = buckets; rest != 0; rest &= rest - 1) {
    const auto bucket = static_cast<std::size_t>(std::countr_zero(rest));
    for (const Needle& needle : buckets_[bucket]) {
      if (position < needle.offset) continue;
      const std::size_t start = position - needle.offset;
      if (text.size() - start < needle.folded.size()) continue;
      std::size_t i = 0;
      while (i < needle.folded.size() && lower(text[start + i]) == needle.folded[i]) ++i;
      if (i != needle.folded.size()) continue;
      if (out == nullptr) return true;
      out->push_back(needle.id);
      found = true;
    }
  }
  return found;
}

bool NeedleScanner::scan_plain(std::string_view text, std::size_t from, Ids* out) const {
  bool found = false;
  for (std::size_t i = from; i + 2 <= text.size(); ++i) {
    std::uint8_t suspects = 0xFF;
    for (std::size_t k = 0; k < kAnchorBytes && i + k < text.size(); ++k) {
      const auto byte = static_cast<std::uint8_t>(text[i + k]);
      suspects = static_cast<std::uint8_t>(suspects & low_[k][byte & 15] & high_[k][byte >> 4]);
    }
    found = (suspects != 0 && verify(text, i, suspects, out)) || found;
    if (found && out == nullptr) return true;
  }
  return found;
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

// Whether one of 32 positions holds a needle, where the first two bytes of an anchor may be.
__attribute__((target("avx2"))) bool NeedleScanner::scan_block(std::string_view text,
                                                               std::size_t at, const Block& front,
                                                               Ids* out) const {
  const char* const bytes = text.data() + at;
  const __m256i back = _mm256_and_si256(look_up(load(bytes + 2), table(low_[2]), table(high_[2])),
                                        look_up(load(bytes + 3), table(low_[3]), table(high_[3])));
  const __m256i suspects =
      _mm256_and_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(front.data())), back);
  Block buckets;
  _mm256_store_si256(reinterpret_cast<__m256i*>(buckets.data()), suspects);
  auto positions = ~static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(suspects, _mm256_setzero_si256())));
  bool found = false;
  for (; positions != 0; positions &= positions - 1) {
    const auto k = static_cast<std::size_t>(std::countr_zero(positions));
    found = verify(text, at + k, buckets[k], out) || found;
    if (found && out == nullptr) return true;
  }
  return found;
}

__attribute__((target("avx2"))) bool NeedleScanner::scan_avx2(std::string_view text,
                                                              Ids* out) const {
  constexpr std::size_t kReach = 32 + kAnchorBytes - 1;
  if (text.size() < kReach) return scan_plain(text, 0, out);
  const __m256i low0 = table(low_[0]);
  const __m256i low1 = table(low_[1]);
  const __m256i high0 = table(high_[0]);
  const __m256i high1 = table(high_[1]);
  const std::size_t last = text.size() - kReach;
  bool found = false;
  for (std::size_t i = 0;;) {
    // Overlapping loads stand in for the shifts between neighbouring blocks: loads are cheap here.
    // Two bytes rule out most blocks; the others get a closer look.
    const char* const at = text.data() + i;
    const __m256i front =
        _mm256_and_si256(look_up(load(at), low0, high0), look_up(load(at + 1), low1, high1));
    if (!_mm256_testz_si256(front, front)) {
      Block suspects;
      _mm256_store_si256(reinterpret_cast<__m256i*>(suspects.data()), front);
      found = scan_block(text, i, suspects, out) || found;
      if (found && out == nullptr) return true;
    }
    if (i == last) break;
    i = std::min(i + 32, last);
  }
  return scan_plain(text, last + 32, out) || found;
}
#else
bool NeedleScanner::scan_avx2(std::string_view text, Ids* out) const {
  return scan_plain(text, 0, out);
}
#endif

bool NeedleScanner::scan(std::string_view text, Ids* out) const {
  const bool found = sparse_ && sparse_->scan(text, out);
  if (found && out == nullptr) return true;
  return (wide_ ? scan_avx2(text, out) : scan_plain(text, 0, out)) || found;
}

}  // namespace vedette::match
