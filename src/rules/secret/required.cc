// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/required.h"

#include <algorithm>

namespace vedette::rules::secret {
namespace {

std::size_t column_of(std::string_view content, std::size_t at) {
  const std::size_t line_break = content.substr(0, at + 1).rfind('\n');
  return at - (line_break == std::string_view::npos ? 0 : line_break);
}

}  // namespace

bool is_near(std::string_view content, std::size_t a, std::size_t b, const Required& required) {
  const std::size_t first = std::min(a, b);
  const std::size_t last = std::max(a, b);
  if (required.within_lines) {
    // A match that begins with a line break belongs to the line behind it.
    const std::string_view between = content.substr(first + 1, last - first);
    if (static_cast<std::size_t>(std::ranges::count(between, '\n')) > *required.within_lines)
      return false;
  }
  if (!required.within_columns) return true;
  const std::size_t x = column_of(content, first);
  const std::size_t y = column_of(content, last);
  return std::max(x, y) - std::min(x, y) <= *required.within_columns;
}

}  // namespace vedette::rules::secret
