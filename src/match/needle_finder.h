// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "match/gram_filter.h"

namespace vedette::match {

// Every place of every needle in a text, letters' case ignored (ASCII), for hundreds of needles. At
// each byte the four that begin there are looked up in a bitmap of what needles hold: of each
// needle the four (or three) neighbours that texts hold least often. A few cycles a byte; what the
// bitmap lets pass is compared. Immutable after construction, shared by threads.
class NeedleFinder {
 public:
  static constexpr std::size_t kNeedleBytesMin = 2;

  struct Place {
    std::uint32_t needle = 0;  // index into what the constructor was given
    std::size_t begin = 0;
  };

  // Lower case, different from each other, none shorter than kNeedleBytesMin.
  explicit NeedleFinder(std::vector<std::string> needles);

  // Appends all places; those of one needle are in the order of the text, those of different ones
  // roughly.
  void find_all(std::string_view text, std::vector<Place>& places) const;
  bool found_in(std::string_view text) const;

  const std::string& needle(std::uint32_t index) const { return needles_[index]; }

 private:
  struct Candidate {
    std::uint32_t gram = 0;
    std::uint32_t needle = 0;
    std::uint32_t offset = 0;  // of the gram in the needle
    std::uint32_t mask = 0;    // bytes of the gram that count
    std::uint64_t head = 0;    // the needle's first eight bytes, folded
    std::uint64_t head_mask = 0;
  };
  enum class Stop : std::uint8_t { kNever, kFirst };

  Candidate candidate_of(std::uint32_t needle) const;
  void mark(const Candidate& candidate);
  bool is_marked(std::uint32_t gram) const;
  template <Stop kStop>
  bool scan(std::string_view text, std::vector<Place>* places) const;
  template <Stop kStop>
  bool scan_blocks(std::string_view text, std::size_t& at, std::vector<Place>* places) const;
  template <Stop kStop>
  bool scan_bytes(std::string_view text, std::size_t at, std::vector<Place>* places) const;
  template <Stop kStop>
  bool scan_pairs(std::string_view text, std::size_t from, std::vector<Place>* places) const;
  template <Stop kStop>
  bool verify(std::string_view text, std::size_t at, std::uint32_t gram,
              std::vector<Place>* places) const;

  std::vector<std::string> needles_;
  std::vector<std::uint32_t> pairs_;  // needles of two bytes
  bool has_filter_ = GramFilter::is_supported();
  GramFilter filter_;                      // unused without
  std::vector<std::uint64_t> bitmap_;      // by hash of four folded bytes
  std::vector<Candidate> candidates_;      // by slot: hash of the first three bytes of the gram
  std::vector<std::uint32_t> slot_begin_;  // one more than there are slots
};

}  // namespace vedette::match
