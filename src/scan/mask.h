// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/finding.h"

// What may be shown of a secret. Everything that leaves a scanner goes through here.
namespace vedette::scan {

// At most so many bytes of a secret are shown, never more than a fifth of it, and nothing of one
// that is shorter than kShownOfBytesMin.
inline constexpr std::size_t kShownBytesMax = 4;
inline constexpr std::size_t kShownPart = 5;
inline constexpr std::size_t kShownOfBytesMin = 8;
// An excerpt is cut to about so many bytes around what is marked.
inline constexpr std::size_t kExcerptBytesMax = 160;

// Bytes in a content.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t size = 0;

  bool operator==(const ByteRange&) const = default;
};

// All that is masked in a content, in any order and each once. Those near a place are found without
// a look at all of them.
class SecretRanges {
 public:
  SecretRanges() = default;
  explicit(false) SecretRanges(std::vector<ByteRange> ranges);

  std::span<const ByteRange> all() const { return ranges_; }  // ascending
  // Those that may reach between `begin` and `end`, and no other that begins behind.
  std::span<const ByteRange> near(std::size_t begin, std::size_t end) const;

 private:
  std::vector<ByteRange> ranges_;
  std::vector<std::size_t> reach_;  // the furthest end up to each
};

// "ghp_…(40)": what is shown of the begin, and the length in bytes. Nothing but letters, digits
// and "-_." is shown.
std::string mask(std::string_view secret);

// The line of `content` where `marked` begins, with `marked`, all of `secrets` (those that overlap
// are taken together) and what repeats one of them masked, and the mark set on `marked`. Text is
// UTF-8; UTF-16 is decoded before. Costs no more than the neighbourhood, however long the line and
// however many the secrets.
event::Excerpt make_excerpt(std::string_view content, ByteRange marked,
                            const SecretRanges& secrets);

}  // namespace vedette::scan
