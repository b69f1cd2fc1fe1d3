// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "event/finding.h"

// What may be shown of a secret. Everything that leaves a scanner goes through here.
namespace vedette::scan {

// At most so many bytes of a secret are shown, and never more than a fifth of it.
inline constexpr std::size_t kShownBytesMax = 4;
inline constexpr std::size_t kShownPart = 5;
// An excerpt is cut to about so many bytes around what is marked.
inline constexpr std::size_t kExcerptBytesMax = 160;

// Bytes in a content.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// "ghp_…(40)": what is shown of the begin, and the length in bytes. Nothing but letters, digits
// and "-_." is shown.
std::string mask(std::string_view secret);

// The line of `content` where `marked` begins, with all of `secrets` (ascending, those that overlap
// are taken together) masked, and the mark set on the one that `marked` belongs to.
event::Excerpt make_excerpt(std::string_view content, ByteRange marked,
                            std::span<const ByteRange> secrets);

}  // namespace vedette::scan
