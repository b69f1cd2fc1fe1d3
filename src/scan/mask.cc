// SPDX-License-Identifier: Apache-2.0
#include "scan/mask.h"

#include <algorithm>
#include <fmt/format.h>

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

// Cuts a line to the neighbourhood of its mark.
void cut(event::Excerpt& excerpt) {
  std::string& line = excerpt.line;
  if (line.size() <= kExcerptBytesMax) return;
  const std::size_t mark = excerpt.mark;
  const std::size_t before = kExcerptBytesMax / 2;
  const std::size_t begin = character_begin(line, mark > before ? mark - before : 0);
  const std::size_t end = character_begin(
      line, std::min(line.size(), std::max(begin + kExcerptBytesMax, mark + excerpt.mark_size)));
  constexpr std::string_view kMore = "…";
  std::string shown = begin > 0 ? std::string(kMore) : std::string();
  excerpt.mark = static_cast<std::uint32_t>(mark - begin + shown.size());
  shown.append(line, begin, end - begin);
  if (end < line.size()) shown += kMore;
  line = std::move(shown);
}

}  // namespace

std::string mask(std::string_view secret) {
  const std::size_t shown_max = std::min(kShownBytesMax, secret.size() / kShownPart);
  std::size_t shown = 0;
  while (shown < shown_max && is_plain(secret[shown])) ++shown;
  std::string out(secret.substr(0, shown));
  out += "…(";
  out += std::to_string(secret.size());
  out += ')';
  return out;
}

event::Excerpt make_excerpt(std::string_view content, ByteRange marked,
                            std::span<const ByteRange> secrets) {
  event::Excerpt excerpt;
  const std::size_t at = std::min(marked.begin, content.size());
  const std::size_t before = at == 0 ? std::string_view::npos : content.rfind('\n', at - 1);
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t line_end = std::min(content.find('\n', at), content.size());
  std::size_t from = line_begin;
  for (std::size_t i = 0; i < secrets.size();) {
    const std::size_t begin = std::max(secrets[i].begin, line_begin);
    std::size_t end = secrets[i].begin + secrets[i].size;
    for (++i; i < secrets.size() && secrets[i].begin <= end; ++i)
      end = std::max(end, secrets[i].begin + secrets[i].size);
    if (end <= line_begin) continue;
    if (begin >= line_end) break;
    if (begin > from) excerpt.line += content.substr(from, begin - from);
    // Of a secret that began on a line before, nothing but the length is shown.
    const std::string masked = secrets[i - 1].begin < line_begin || end > content.size()
                                   ? fmt::format("…({})", end - begin)
                                   : mask(content.substr(begin, end - begin));
    if (begin <= at && at < end) {
      excerpt.mark = static_cast<std::uint32_t>(excerpt.line.size());
      excerpt.mark_size = static_cast<std::uint32_t>(masked.size());
    }
    excerpt.line += masked;
    from = std::min(end, line_end);
  }
  if (from < line_end) excerpt.line += content.substr(from, line_end - from);
  if (excerpt.line.ends_with('\r')) excerpt.line.pop_back();
  cut(excerpt);
  return excerpt;
}

}  // namespace vedette::scan
