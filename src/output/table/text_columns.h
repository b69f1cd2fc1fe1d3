// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::output {

// Rows of text in columns as wide as their widest cell, for terminals: what a cell holds is made
// visible and bounded.
class TextColumns {
 public:
  static constexpr std::size_t kColumnsMax = 60;  // of one cell

  // The first row is the head.
  explicit TextColumns(std::vector<std::string> head) : rows_{std::move(head)} {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.size() == 1; }
  // Columns of numbers are aligned to the right. `dim` and `reset` go around the head.
  void append(std::string_view dim, std::string_view reset, std::string& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace vedette::output
