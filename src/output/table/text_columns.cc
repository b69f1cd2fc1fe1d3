// SPDX-License-Identifier: Apache-2.0
#include "output/table/text_columns.h"

#include <algorithm>

#include "output/terminal.h"

namespace vedette::output {
namespace {

// Digits, signs and units: what is compared by its end.
bool is_number(std::string_view text) {
  return text.empty() || (text.front() >= '0' && text.front() <= '9') || text == "–";
}

}  // namespace

void TextColumns::append(std::string_view dim, std::string_view reset, std::string& out) const {
  const std::size_t count = rows_.front().size();
  std::vector<std::size_t> widths(count, 0);
  std::vector<bool> numbers(count, rows_.size() > 1);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (std::size_t i = 0; i < count; ++i) {
      std::string shown;
      widths[i] = std::max(widths[i], append_terminal(rows_[row][i], kColumnsMax, shown));
      numbers[i] = numbers[i] && (row == 0 || is_number(rows_[row][i]));
    }
  }
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    std::string line;
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) line += "  ";
      std::string shown;
      const std::size_t used = append_terminal(rows_[row][i], kColumnsMax, shown);
      const std::string blanks(widths[i] - used, ' ');
      line += numbers[i] ? blanks + shown : shown + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (row == 0) out += dim;
    out += line;
    if (row == 0) out += reset;
    out += '\n';
  }
}

}  // namespace vedette::output
