// SPDX-License-Identifier: Apache-2.0
#include "match/sparse_scanner.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/result.h"

namespace vedette::match {
namespace {

constexpr std::size_t kGram = 4;
// Setting this bit of every byte folds letters; other bytes may be taken for one another, but on
// both sides alike, and what is found is compared in full.
constexpr std::uint32_t kFoldBits = 0x20202020;

char lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

std::uint32_t gram_at(const char* at) {
  std::uint32_t gram = 0;
  std::memcpy(&gram, at, kGram);
  return gram | kFoldBits;
}

std::uint32_t hash(std::uint32_t gram) { return gram * 0x9E3779B1U; }

// Letters that English and paths are full of make grams that many places have.
unsigned commonness(char c) {
  constexpr std::string_view kCommon = "eiosntarcdlm \\./";
  const std::size_t rank = kCommon.find(c);
  return rank == std::string_view::npos ? 1 : 18 - static_cast<unsigned>(rank);
}

// Where the run of `stride` grams with the rarest bytes begins.
std::size_t best_window(std::string_view needle, std::size_t stride) {
  const std::size_t size = stride + kGram - 1;
  std::size_t best = 0;
  unsigned best_score = 0xFFFFFFFF;
  for (std::size_t start = 0; start + size <= needle.size(); ++start) {
    unsigned score = 0;
    for (std::size_t i = 0; i < size; ++i) score += commonness(needle[start + i]);
    if (score < best_score) {
      best_score = score;
      best = start;
    }
  }
  return best;
}

}  // namespace

SparseScanner::SparseScanner(std::vector<Needle> needles) : needles_(std::move(needles)) {
  CHECK(!needles_.empty());
  std::size_t shortest = SIZE_MAX;
  for (auto& [text, id] : needles_) {
    CHECK(text.size() >= kNeedleBytesMin);
    std::transform(text.begin(), text.end(), text.begin(), lower);
    shortest = std::min(shortest, text.size());
  }
  stride_ = std::min(shortest - kGram + 1, kStrideMax);
  for (std::uint32_t i = 0; i < needles_.size(); ++i) {
    const std::size_t start = best_window(needles_[i].text, stride_);
    for (std::size_t offset = start; offset < start + stride_; ++offset) {
      candidates_.push_back(
          {gram_at(needles_[i].text.data() + offset), i, static_cast<std::uint32_t>(offset)});
    }
  }
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate& a, const Candidate& b) { return a.gram < b.gram; });
  const std::size_t bits = std::max<std::size_t>(std::bit_ceil(candidates_.size() * 16), 1024);
  bitmap_.resize(bits / 64);
  shift_ = 32 - static_cast<unsigned>(std::countr_zero(bits));
  for (const Candidate& candidate : candidates_) {
    const std::uint32_t bit = hash(candidate.gram) >> shift_;
    bitmap_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
  }
}

bool SparseScanner::verify(std::string_view text, std::size_t position, std::uint32_t gram,
                           std::vector<std::uint32_t>* out) const {
  bool found = false;
  auto candidate = std::lower_bound(candidates_.begin(), candidates_.end(), gram,
                                    [](const Candidate& a, std::uint32_t b) { return a.gram < b; });
  for (; candidate != candidates_.end() && candidate->gram == gram; ++candidate) {
    const std::string& needle = needles_[candidate->needle].text;
    if (position < candidate->offset) continue;
    const std::size_t start = position - candidate->offset;
    if (text.size() - start < needle.size()) continue;
    std::size_t i = 0;
    while (i < needle.size() && lower(text[start + i]) == needle[i]) ++i;
    if (i != needle.size()) continue;
    if (out == nullptr) return true;
    out->push_back(needles_[candidate->needle].id);
    found = true;
  }
  return found;
}

bool SparseScanner::scan(std::string_view text, std::vector<std::uint32_t>* out) const {
  bool found = false;
  for (std::size_t i = 0; i + kGram <= text.size(); i += stride_) {
    const std::uint32_t gram = gram_at(text.data() + i);
    const std::uint32_t bit = hash(gram) >> shift_;
    if ((bitmap_[bit >> 6] >> (bit & 63) & 1) == 0) [[likely]]
      continue;
    found = verify(text, i, gram, out) || found;
    if (found && out == nullptr) return true;
  }
  return found;
}

}  // namespace vedette::match
