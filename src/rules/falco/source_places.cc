// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/source_places.h"

#include <algorithm>

namespace vedette::rules::falco {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// Not inside of a longer word.
std::size_t find_word(std::string_view text, std::string_view token) {
  for (std::size_t at = text.find(token); at != std::string_view::npos;
       at = text.find(token, at + 1)) {
    const std::size_t end = at + token.size();
    const bool begins = at == 0 || !is_word(text[at - 1]) || !is_word(token.front());
    const bool ends = end >= text.size() || !is_word(text[end]) || !is_word(token.back());
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

}  // namespace

void SourcePlaces::add(std::string_view text, const std::string& file) {
  texts_.insert_or_assign(file, std::string(text));
}

Place SourcePlaces::find(const Place& start, const std::string& token) const {
  const auto found = texts_.find(start.file);
  if (found == texts_.end() || token.empty() || start.line == 0) return start;
  const std::string& text = found->second;
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < start.line; ++line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return start;
    begin = end + 1;
  }
  begin = std::min(begin + (start.column == 0 ? 0 : start.column - 1), text.size());
  const std::size_t end = std::min(text.find("\n- ", begin), text.size());
  const std::size_t at = find_word(std::string_view(text).substr(begin, end - begin), token);
  if (at == std::string::npos) return start;
  const std::size_t place = begin + at;
  const auto newlines =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n');
  const std::size_t line_start = place == 0 ? 0 : text.rfind('\n', place - 1) + 1;
  Place result = start;
  result.line = static_cast<std::uint32_t>(newlines) + 1;
  result.column = static_cast<std::uint32_t>(place - line_start) + 1;
  return result;
}

}  // namespace vedette::rules::falco
