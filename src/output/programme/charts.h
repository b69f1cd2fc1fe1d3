// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Charts as inline SVG and tables as HTML, for pages without scripts. Positions along the width are
// percentages, so that a chart fits any screen with letters of one size; colours are classes of
// programme.css. All text is escaped here.
namespace vedette::output {

struct ChartSeries {
  std::string_view name;
  std::string_view style;  // the class, without "shown-"
  std::uint8_t group = 0;  // series of one group stand on each other, groups side by side
};

struct ChartColumn {
  std::string label;
  std::vector<std::uint64_t> values;  // one for each series
};
// Columns along time, each hinting at its numbers.
void append_columns_chart(std::string_view title, std::span<const ChartSeries> series,
                          std::span<const ChartColumn> columns, std::string& out);

struct ChartBar {
  std::string label;
  std::string value;          // shown at its end
  std::vector<double> parts;  // one for each series, one behind the other; not below 0
};
// `whole` is the full width; 0: the longest bar.
void append_bars_chart(std::string_view title, std::span<const ChartSeries> series,
                       std::span<const ChartBar> bars, double whole, std::string& out);

// A table that scrolls in its own box. Cells of the first `words` columns are text, the others
// numbers.
class PageTable {
 public:
  PageTable(std::string caption, std::vector<std::string> head, std::size_t words)
      : caption_(std::move(caption)), head_(std::move(head)), words_(words) {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  void append(std::string& out) const;

 private:
  static constexpr std::size_t kRowsMax = 1000;

  std::string caption_;
  std::vector<std::string> head_;
  std::size_t words_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace vedette::output
