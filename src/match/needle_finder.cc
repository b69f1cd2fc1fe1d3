// SPDX-License-Identifier: Apache-2.0
#include "match/needle_finder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/result.h"
#include "match/commonness.h"
#include "match/find_text.h"

namespace vedette::match {
namespace {

constexpr std::size_t kGram = 4;
constexpr unsigned kBitmapBits = 18;
constexpr unsigned kSlotBits = 12;
constexpr std::uint32_t kThreeBytes = 0x00FFFFFF;
// Setting this bit of every byte folds letters. Other bytes may be taken for one another, but on
// both sides alike, and what is found is compared in full.
constexpr std::uint64_t kFoldBits = 0x2020202020202020;

char lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

std::uint32_t bitmap_bit(std::uint32_t gram) { return gram * 0x9E3779B1U >> (32 - kBitmapBits); }
std::uint32_t slot_of(std::uint32_t gram) {
  return (gram & kThreeBytes) * 0x85EBCA6BU >> (32 - kSlotBits);
}

std::uint32_t gram_at(const char* at, std::size_t size) {
  std::uint32_t gram = 0;
  std::memcpy(&gram, at, size);
  return gram | static_cast<std::uint32_t>(kFoldBits);
}

std::uint64_t folded_at(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes | kFoldBits;
}

bool begins_with(std::string_view text, std::string_view needle) {
  if (text.size() < needle.size()) return false;
  for (std::size_t i = 0; i < needle.size(); ++i) {
    if (lower(text[i]) != needle[i]) return false;
  }
  return true;
}

}  // namespace

NeedleFinder::NeedleFinder(std::vector<std::string> needles)
    : needles_(std::move(needles)),
      bitmap_((std::size_t{1} << kBitmapBits) / 64),
      slot_begin_((std::size_t{1} << kSlotBits) + 1) {
  for (std::uint32_t i = 0; i < needles_.size(); ++i) {
    CHECK(needles_[i].size() >= kNeedleBytesMin);
    if (needles_[i].size() == 2) {
      pairs_.push_back(i);
      filter_.add_pair(needles_[i][0], needles_[i][1]);
      continue;
    }
    candidates_.push_back(candidate_of(i));
    mark(candidates_.back());
  }
  std::ranges::sort(candidates_, {}, [](const Candidate& candidate) {
    return std::pair(slot_of(candidate.gram), candidate.needle);
  });
  for (const Candidate& candidate : candidates_) ++slot_begin_[slot_of(candidate.gram) + 1];
  for (std::size_t i = 1; i < slot_begin_.size(); ++i) slot_begin_[i] += slot_begin_[i - 1];
}

NeedleFinder::Candidate NeedleFinder::candidate_of(std::uint32_t needle) const {
  const std::string_view text = needles_[needle];
  Candidate candidate;
  candidate.needle = needle;
  std::string head = std::string(text.substr(0, sizeof candidate.head));
  for (std::size_t i = 0; i < head.size(); ++i)
    candidate.head_mask |= std::uint64_t{0xFF} << (8 * i);
  head.resize(sizeof candidate.head);
  candidate.head = folded_at(head.data());
  if (text.size() < kGram) {
    candidate.gram = gram_at(text.data(), text.size());
    candidate.mask = kThreeBytes;
    return candidate;
  }
  double least = 2;
  for (std::uint32_t offset = 0; offset + kGram <= text.size(); ++offset) {
    const double commonness = text_commonness(text.substr(offset, kGram));
    if (commonness >= least) continue;
    least = commonness;
    candidate.offset = offset;
  }
  candidate.gram = gram_at(text.data() + candidate.offset, kGram);
  candidate.mask = ~std::uint32_t{0};
  return candidate;
}

void NeedleFinder::mark(const Candidate& candidate) {
  filter_.add(candidate.gram,
              candidate.mask == kThreeBytes ? GramFilter::Width::kThree : GramFilter::Width::kFour);
  const auto set = [this](std::uint32_t gram) {
    const std::uint32_t bit = bitmap_bit(gram);
    bitmap_[bit / 64] |= std::uint64_t{1} << bit % 64;
  };
  if (candidate.mask != kThreeBytes) return set(candidate.gram);
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    set((candidate.gram & kThreeBytes) | (byte << 24) | static_cast<std::uint32_t>(kFoldBits));
}

template <NeedleFinder::Stop kStop>
bool NeedleFinder::verify(std::string_view text, std::size_t at, std::uint32_t gram,
                          std::vector<Place>* places) const {
  const std::uint32_t slot = slot_of(gram);
  for (std::uint32_t i = slot_begin_[slot]; i < slot_begin_[slot + 1]; ++i) {
    const Candidate& candidate = candidates_[i];
    if (((candidate.gram ^ gram) & candidate.mask) != 0 || at < candidate.offset) continue;
    const std::size_t begin = at - candidate.offset;
    if (begin + sizeof(std::uint64_t) <= text.size() &&
        ((folded_at(text.data() + begin) ^ candidate.head) & candidate.head_mask) != 0) {
      continue;
    }
    if (!begins_with(text.substr(begin), needles_[candidate.needle])) continue;
    if constexpr (kStop == Stop::kFirst) return true;
    places->push_back({candidate.needle, begin});
  }
  return false;
}

// Needles of two bytes, from `from` on.
template <NeedleFinder::Stop kStop>
bool NeedleFinder::scan_pairs(std::string_view text, std::size_t from,
                              std::vector<Place>* places) const {
  for (const std::uint32_t needle : pairs_) {
    for (std::size_t at = find_folded(text, needles_[needle], from); at != std::string_view::npos;
         at = find_folded(text, needles_[needle], at + 1)) {
      if constexpr (kStop == Stop::kFirst) return true;
      places->push_back({needle, at});
    }
  }
  return false;
}

bool NeedleFinder::is_marked(std::uint32_t gram) const {
  const std::uint32_t bit = bitmap_bit(gram);
  return (bitmap_[bit / 64] >> bit % 64 & 1) != 0;
}

// Whole blocks from `at` on; puts it behind them.
template <NeedleFinder::Stop kStop>
bool NeedleFinder::scan_blocks(std::string_view text, std::size_t& at,
                               std::vector<Place>* places) const {
  for (; at + GramFilter::kReach <= text.size(); at += GramFilter::kPlaces) {
    for (std::uint64_t rest = filter_.places(text.data() + at); rest != 0; rest &= rest - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(rest));
      const std::uint32_t gram = gram_at(text.data() + place, kGram);
      if (is_marked(gram) && verify<kStop>(text, place, gram, places)) return true;
    }
    for (std::uint64_t rest = filter_.pair_places(text.data() + at); rest != 0; rest &= rest - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(rest));
      for (const std::uint32_t needle : pairs_) {
        if (!begins_with(text.substr(place), needles_[needle])) continue;
        if constexpr (kStop == Stop::kFirst) return true;
        places->push_back({needle, place});
      }
    }
  }
  return false;
}

// All from `at` on, without the filter.
template <NeedleFinder::Stop kStop>
bool NeedleFinder::scan_bytes(std::string_view text, std::size_t at,
                              std::vector<Place>* places) const {
  for (; at + 8 <= text.size(); at += 4) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    bytes |= kFoldBits;
    const std::array<std::uint32_t, 4> grams = {
        static_cast<std::uint32_t>(bytes), static_cast<std::uint32_t>(bytes >> 8),
        static_cast<std::uint32_t>(bytes >> 16), static_cast<std::uint32_t>(bytes >> 24)};
    // As numbers, so that all four are asked before the one branch.
    const std::array<unsigned, 4> marked = {is_marked(grams[0]), is_marked(grams[1]),
                                            is_marked(grams[2]), is_marked(grams[3])};
    if ((marked[0] | marked[1] | marked[2] | marked[3]) == 0) [[likely]]
      continue;
    for (std::size_t k = 0; k < marked.size(); ++k) {
      if (marked[k] != 0 && verify<kStop>(text, at + k, grams[k], places)) return true;
    }
  }
  // Behind the end stand zeros, which are in no needle.
  std::array<char, 16> tail{};
  const std::size_t rest = text.size() - at;
  if (rest > 0) std::memcpy(tail.data(), text.data() + at, rest);
  for (std::size_t k = 0; k < rest; ++k) {
    const std::uint32_t gram = gram_at(tail.data() + k, kGram);
    if (is_marked(gram) && verify<kStop>(text, at + k, gram, places)) return true;
  }
  return false;
}

template <NeedleFinder::Stop kStop>
bool NeedleFinder::scan(std::string_view text, std::vector<Place>* places) const {
  std::size_t at = 0;
  if (has_filter_ && scan_blocks<kStop>(text, at, places)) return true;
  return scan_pairs<kStop>(text, at, places) ||
         (!candidates_.empty() && scan_bytes<kStop>(text, at, places));
}

void NeedleFinder::find_all(std::string_view text, std::vector<Place>& places) const {
  scan<Stop::kNever>(text, &places);
}

bool NeedleFinder::found_in(std::string_view text) const {
  return scan<Stop::kFirst>(text, nullptr);
}

}  // namespace vedette::match
