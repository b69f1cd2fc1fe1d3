// SPDX-License-Identifier: Apache-2.0
#include "scan/git/new_lines.h"

#include <cstdint>
#include <unordered_map>

namespace vedette::scan::git {
namespace {

// The next line without its end; false behind the last.
bool next_line(std::string_view& rest, std::string_view& line) {
  if (rest.empty()) return false;
  const std::size_t end = rest.find('\n');
  line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

}  // namespace

std::vector<Content::Lines> new_lines(std::string_view before, std::string_view now) {
  std::unordered_map<std::string_view, std::uint32_t> old;
  std::string_view line;
  while (next_line(before, line)) ++old[line];
  std::vector<Content::Lines> lines;
  for (std::uint32_t number = 1; next_line(now, line); ++number) {
    const auto at = old.find(line);
    if (at != old.end() && at->second > 0) {
      --at->second;
    } else if (!lines.empty() && lines.back().last + 1 == number) {
      lines.back().last = number;
    } else {
      lines.push_back({number, number});
    }
  }
  return lines;
}

}  // namespace vedette::scan::git
