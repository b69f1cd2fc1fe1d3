// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::match {

// Tells that a text holds none of hundreds of needles, ASCII letters' case ignored, looking at only
// every few bytes of it: of each needle as many neighbouring four-byte grams are known as the
// stride is long, so wherever the needle stands, one of them lies on the stride. Immutable after
// construction, shared by threads.
class SparseScanner {
 public:
  static constexpr std::size_t kNeedleBytesMin = 6;  // stride 3
  static constexpr std::size_t kStrideMax = 8;

  struct Needle {
    std::string text;
    std::uint32_t id = 0;
  };

  // At least one needle, none shorter than kNeedleBytesMin. The shortest decides the stride.
  explicit SparseScanner(std::vector<Needle> needles);

  // Whether the text holds a needle; with `out` the ids of all that it holds are appended, some
  // perhaps more than once.
  bool scan(std::string_view text, std::vector<std::uint32_t>* out) const;

 private:
  struct Candidate {
    std::uint32_t gram = 0;
    std::uint32_t needle = 0;
    std::uint32_t offset = 0;  // of the gram in the needle
  };
  bool verify(std::string_view text, std::size_t position, std::uint32_t gram,
              std::vector<std::uint32_t>* out) const;

  std::vector<Needle> needles_;  // lower case
  std::size_t stride_ = 1;
  std::vector<std::uint64_t> bitmap_;
  unsigned shift_ = 0;
  std::vector<Candidate> candidates_;  // sorted by gram
};

}  // namespace vedette::match
