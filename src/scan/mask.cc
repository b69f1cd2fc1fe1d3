// SPDX-License-Identifier: Apache-2.0
#include "scan/mask.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace vedette::scan {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// Moves `at` down to where a character of UTF-8 begins.
std::size_t character_begin(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// Bytes on each side of what is marked that are looked at: many times what is shown, since masking
// shortens.
constexpr std::size_t kNeighbourhood = 2048;
// Of how many secrets a repetition is sought, and how short they may be.
constexpr std::size_t kRepeatedMax = 32;
constexpr std::size_t kRepeatedBytesMin = 5;

// The part of a line that is looked at.
struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool more_before = false;
  bool more_after = false;
};

Window window_around(std::string_view content, ByteRange marked) {
  Window window;
  window.begin = marked.begin - std::min(marked.begin, kNeighbourhood);
  const std::string_view before = content.substr(window.begin, marked.begin - window.begin);
  if (const std::size_t newline = before.rfind('\n'); newline != std::string_view::npos) {
    window.begin += newline + 1;
  } else {
    window.more_before = window.begin > 0;
    window.begin = character_begin(content, window.begin);
  }
  window.end = std::min(content.size() - marked.begin, marked.size + kNeighbourhood) + marked.begin;
  const std::string_view after = content.substr(marked.begin, window.end - marked.begin);
  if (const std::size_t newline = after.find('\n'); newline != std::string_view::npos) {
    window.end = marked.begin + newline;
  } else {
    window.more_after = window.end < content.size();
    window.end = character_begin(content, window.end);
  }
  return window;
}

void add_repetitions(std::string_view content, const Window& window,
                     std::vector<std::string_view> secrets, std::vector<ByteRange>& ranges) {
  std::ranges::sort(secrets);  // one that stands there often is sought once
  const auto repeated = std::ranges::unique(secrets);
  secrets.erase(repeated.begin(), repeated.end());
  const std::string_view line = content.substr(window.begin, window.end - window.begin);
  for (const std::string_view text : secrets) {
    if (text.size() < kRepeatedBytesMin) continue;
    for (std::size_t at = line.find(text); at != line.npos; at = line.find(text, at + 1))
      ranges.push_back({window.begin + at, text.size()});
  }
}

// All that is masked in the window, ascending.
std::vector<ByteRange> masked_ranges(std::string_view content, const Window& window,
                                     ByteRange marked, const SecretRanges& secrets) {
  std::vector<ByteRange> ranges = {marked};
  std::vector<std::string_view> texts = {content.substr(marked.begin, marked.size)};
  const auto clipped = [content](ByteRange range) {
    const std::size_t begin = std::min(range.begin, content.size());
    return ByteRange{begin, std::min(range.size, content.size() - begin)};
  };
  const auto take_text = [&](ByteRange secret) {
    texts.push_back(content.substr(secret.begin, secret.size));
  };
  for (const ByteRange& one : secrets.near(window.begin, window.end)) {
    const ByteRange secret = clipped(one);
    if (secret.begin + secret.size <= window.begin) continue;
    ranges.push_back(secret);
    take_text(secret);
  }
  for (const ByteRange& one :
       secrets.all().subspan(0, std::min(secrets.all().size(), kRepeatedMax)))
    take_text(clipped(one));
  add_repetitions(content, window, std::move(texts), ranges);
  std::ranges::sort(ranges, {}, &ByteRange::begin);
  return ranges;
}

// Cuts a line to the neighbourhood of its mark, and tells where there is more of it.
void cut(event::Excerpt& excerpt, const Window& window) {
  constexpr std::string_view kMore = "…";
  const std::string& line = excerpt.line;
  const std::size_t mark = excerpt.mark;
  std::size_t begin = 0;
  std::size_t end = line.size();
  if (line.size() > kExcerptBytesMax) {
    constexpr std::size_t kBefore = kExcerptBytesMax / 2;
    begin = character_begin(line, mark > kBefore ? mark - kBefore : 0);
    end = std::max(begin + kExcerptBytesMax, mark + excerpt.mark_size);
    end = character_begin(line, std::min(line.size(), end));
  }
  std::string shown(begin > 0 || window.more_before ? kMore : std::string_view());
  excerpt.mark = static_cast<std::uint32_t>(mark - begin + shown.size());
  shown.append(line, begin, end - begin);
  if (end < line.size() || window.more_after) shown += kMore;
  excerpt.line = std::move(shown);
}

}  // namespace

SecretRanges::SecretRanges(std::vector<ByteRange> ranges) : ranges_(std::move(ranges)) {
  std::ranges::sort(ranges_, {}, [](ByteRange one) { return std::pair(one.begin, one.size); });
  const auto repeated = std::ranges::unique(ranges_);
  ranges_.erase(repeated.begin(), repeated.end());
  std::size_t reach = 0;
  for (const ByteRange& one : ranges_) {
    reach = std::max(reach, one.begin + one.size);
    reach_.push_back(reach);
  }
}

std::span<const ByteRange> SecretRanges::near(std::size_t begin, std::size_t end) const {
  const auto first = std::ranges::upper_bound(reach_, begin) - reach_.begin();
  const auto last = std::ranges::lower_bound(ranges_, end, {}, &ByteRange::begin) - ranges_.begin();
  if (first >= last) return {};
  return std::span(ranges_).subspan(static_cast<std::size_t>(first),
                                    static_cast<std::size_t>(last - first));
}

std::string mask(std::string_view secret) {
  const std::size_t shown_max =
      secret.size() < kShownOfBytesMin ? 0 : std::min(kShownBytesMax, secret.size() / kShownPart);
  std::size_t shown = 0;
  while (shown < shown_max && is_plain(secret[shown])) ++shown;
  std::string out(secret.substr(0, shown));
  out += "…(";
  out += std::to_string(secret.size());
  out += ')';
  return out;
}

event::Excerpt make_excerpt(std::string_view content, ByteRange marked,
                            const SecretRanges& secrets) {
  event::Excerpt excerpt;
  marked.begin = std::min(marked.begin, content.size());
  marked.size = std::min(marked.size, content.size() - marked.begin);
  const Window window = window_around(content, marked);
  const std::vector<ByteRange> ranges = masked_ranges(content, window, marked, secrets);
  std::size_t from = window.begin;
  for (std::size_t i = 0; i < ranges.size();) {
    const std::size_t begin = ranges[i].begin;
    std::size_t end = begin + ranges[i].size;
    // Those that only touch stay apart: each has a mask of its own.
    for (++i; i < ranges.size() && (ranges[i].begin < end || ranges[i].begin == begin); ++i)
      end = std::max(end, ranges[i].begin + ranges[i].size);
    if (end <= window.begin && begin != marked.begin) continue;
    if (begin >= window.end && begin != marked.begin) break;
    if (begin > from) excerpt.line += content.substr(from, begin - from);
    // Of a secret that began before what is looked at, nothing but the length is shown.
    const std::string masked = begin < window.begin ? fmt::format("…({})", end - window.begin)
                                                    : mask(content.substr(begin, end - begin));
    if (begin <= marked.begin && (marked.begin < end || begin == marked.begin)) {
      excerpt.mark = static_cast<std::uint32_t>(excerpt.line.size());
      excerpt.mark_size = static_cast<std::uint32_t>(masked.size());
    }
    excerpt.line += masked;
    from = std::max(from, std::min(end, window.end));
  }
  if (from < window.end) excerpt.line += content.substr(from, window.end - from);
  if (excerpt.line.ends_with('\r')) excerpt.line.pop_back();
  cut(excerpt, window);
  return excerpt;
}

}  // namespace vedette::scan
