// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/sparse_scanner.h"

namespace vedette::match {

// Tells, at several bytes a cycle, that a text holds none of a few dozen needles, letters' case
// ignored (ASCII). This is the prefilter of keyword rules, which look at every byte of an event: a
// "maybe" is settled by an exact search. Immutable after construction, shared by threads.
//
// The algorithm is Hyperscan's "Teddy": needles are dealt into eight buckets; for each of three
// neighbouring positions two 16-entry tables, by low and high nibble, hold the set of buckets whose
// needles may have that byte there, and one shuffle per table looks up 32 positions at once.
class NeedleScanner {
 public:
  static constexpr std::size_t kNeedleBytesMin = 3;

  // Bytes of a needle that the tables look for; a needle of three leaves the fourth open.
  static constexpr std::size_t kAnchorBytes = 4;

  // More needles than this make the tables suspect everything; the longer ones are then scanned for
  // sparsely, and the tables are left the shortest.
  static constexpr std::size_t kTableNeedlesMax = 24;

  // Needles shorter than kNeedleBytesMin must not be given.
  explicit NeedleScanner(std::vector<std::string> needles);

  // True when the text holds a needle (ASCII letters in either case); false otherwise. Exact for
  // ASCII needles.
  bool found_in(std::string_view text) const { return scan(text, nullptr); }

  // Appends the indices (into what the constructor was given) of all needles that the text holds,
  // some perhaps more than once. Of equal needles one is found.
  void find_all(std::string_view text, std::vector<std::uint32_t>& out) const { scan(text, &out); }

  // Whether so many needles of these sizes can be told apart fast enough to be worth it.
  static bool is_worthwhile(const std::vector<std::string>& needles);

 private:
  using Ids = std::vector<std::uint32_t>;  // null where the first needle ends the search
  struct alignas(32) Block : std::array<std::uint8_t, 32> {};
  struct Needle {
    std::string folded;
    std::uint32_t offset = 0;  // of the bytes that the tables look for
    std::uint32_t id = 0;
  };

  bool scan(std::string_view text, Ids* out) const;
  void add(std::size_t bucket, const SparseScanner::Needle& needle);
  bool verify(std::string_view text, std::size_t position, std::uint8_t buckets, Ids* out) const;
  bool scan_plain(std::string_view text, std::size_t from, Ids* out) const;
  bool scan_block(std::string_view text, std::size_t at, const Block& front, Ids* out) const;
  bool scan_avx2(std::string_view text, Ids* out) const;

  std::array<std::vector<Needle>, 8> buckets_;
  alignas(32) std::array<std::array<std::uint8_t, 16>, kAnchorBytes> low_{};
  alignas(32) std::array<std::array<std::uint8_t, 16>, kAnchorBytes> high_{};
  bool wide_ = false;                    // the processor has AVX2
  std::optional<SparseScanner> sparse_;  // for the long ones of many needles
};

}  // namespace vedette::match
