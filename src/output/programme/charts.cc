// SPDX-License-Identifier: Apache-2.0
#include "output/programme/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <numeric>

#include "output/html/page.h"
#include "output/quantity.h"

namespace vedette::output {
namespace {

// Pixels from the top, percent from the left.
constexpr double kPlotTop = 16;
constexpr double kPlotBottom = 160;
constexpr double kLabelsAt = 176;
constexpr int kColumnsHeight = 182;
constexpr double kGutter = 9;
constexpr double kBarWidthMax = 7;
constexpr std::size_t kLabelsMax = 5;
constexpr int kRowHeight = 36;

std::string escaped(std::string_view text) {
  std::string out;
  append_html(text, out);
  return out;
}

// The least of 2, 4, 6, 8, 10, 20, 40 … that is not below: its half is whole, too.
std::uint64_t scale_of(std::uint64_t most) {
  std::uint64_t scale = 2;
  constexpr std::array<std::uint64_t, 5> kSteps = {2, 4, 6, 8, 10};
  for (std::uint64_t power = 1; power < UINT64_MAX / 100; power *= 10) {
    for (const std::uint64_t step : kSteps) {
      scale = step * power;
      if (scale >= most) return scale;
    }
  }
  return std::max(scale, most);
}

void append_legend(std::span<const ChartSeries> series, std::string& out) {
  if (series.size() < 2) return;
  out += "<ul class=\"legend\">";
  for (const ChartSeries& one : series) {
    fmt::format_to(std::back_inserter(out),
                   "<li><svg aria-hidden=\"true\"><rect class=\"shown-{}\" width=\"10\" "
                   "height=\"10\" rx=\"2\"/></svg>{}</li>",
                   one.style, escaped(one.name));
  }
  out += "</ul>";
}

std::uint64_t height_of(const ChartColumn& column, std::span<const ChartSeries> series,
                        std::uint8_t group) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < series.size(); ++i)
    sum += series[i].group == group ? column.values[i] : 0;
  return sum;
}

std::string hint_of(const ChartColumn& column, std::span<const ChartSeries> series) {
  std::string hint = column.label + ":";
  for (std::size_t i = 0; i < series.size(); ++i)
    hint +=
        fmt::format("{} {} {}", i == 0 ? "" : ",", count_text(column.values[i]), series[i].name);
  return hint;
}

void append_grid(std::uint64_t scale, std::string& out) {
  for (const int half : {0, 1, 2}) {
    const double y = kPlotBottom - (kPlotBottom - kPlotTop) * half / 2;
    fmt::format_to(std::back_inserter(out),
                   "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{0}\" y2=\"{0}\"/>", y);
    if (half != 0)
      fmt::format_to(std::back_inserter(out), "<text x=\"0\" y=\"{}\">{}</text>", y - 4,
                     count_text(scale * static_cast<std::uint64_t>(half) / 2));
  }
}

}  // namespace

void append_columns_chart(std::string_view title, std::span<const ChartSeries> series,
                          std::span<const ChartColumn> columns, std::string& out) {
  std::uint8_t groups = 0;
  for (const ChartSeries& one : series)
    groups = std::max(groups, static_cast<std::uint8_t>(one.group + 1));
  std::uint64_t most = 0;
  for (const ChartColumn& column : columns) {
    for (std::uint8_t group = 0; group < groups; ++group)
      most = std::max(most, height_of(column, series, group));
  }
  const std::uint64_t scale = scale_of(most);
  fmt::format_to(std::back_inserter(out),
                 "<figure><svg role=\"img\" aria-label=\"{}\" height=\"{}\">", escaped(title),
                 kColumnsHeight);
  append_grid(scale, out);
  const double slot =
      (100 - kGutter) / static_cast<double>(std::max<std::size_t>(columns.size(), 1));
  const double width = std::min(slot * 0.84 / groups, kBarWidthMax);
  const std::size_t step = (columns.size() + kLabelsMax - 1) / kLabelsMax;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double middle = kGutter + slot * (static_cast<double>(i) + 0.5);
    fmt::format_to(std::back_inserter(out), "<g><title>{}</title>",
                   escaped(hint_of(columns[i], series)));
    // So that the hint is shown over all of the column's place.
    fmt::format_to(std::back_inserter(out),
                   "<rect fill=\"none\" pointer-events=\"all\" x=\"{:.3f}%\" y=\"{}\" "
                   "width=\"{:.3f}%\" height=\"{}\"/>",
                   middle - slot / 2, kPlotTop, slot, kPlotBottom - kPlotTop);
    for (std::uint8_t group = 0; group < groups; ++group) {
      double bottom = kPlotBottom;
      const double left = middle + width * (group - groups / 2.0);
      for (std::size_t one = 0; one < series.size(); ++one) {
        if (series[one].group != group || columns[i].values[one] == 0) continue;
        const double height = (kPlotBottom - kPlotTop) *
                              static_cast<double>(columns[i].values[one]) /
                              static_cast<double>(scale);
        bottom -= height;
        fmt::format_to(std::back_inserter(out),
                       "<rect class=\"shown-{}\" x=\"{:.3f}%\" y=\"{:.2f}\" width=\"{:.3f}%\" "
                       "height=\"{:.2f}\"/>",
                       series[one].style, left, bottom, width, height);
      }
    }
    out += "</g>";
    if (i % step == 0)
      fmt::format_to(std::back_inserter(out),
                     "<text x=\"{:.3f}%\" y=\"{}\" text-anchor=\"middle\">{}</text>", middle,
                     kLabelsAt, escaped(columns[i].label));
  }
  out += "</svg>";
  append_legend(series, out);
  out += "</figure>\n";
}

void append_bars_chart(std::string_view title, std::span<const ChartSeries> series,
                       std::span<const ChartBar> bars, double whole, std::string& out) {
  for (const ChartBar& bar : bars)
    whole = std::max(whole, std::accumulate(bar.parts.begin(), bar.parts.end(), 0.0));
  fmt::format_to(std::back_inserter(out),
                 "<figure><svg role=\"img\" aria-label=\"{}\" height=\"{}\">", escaped(title),
                 static_cast<int>(bars.size()) * kRowHeight);
  int top = 0;
  for (const ChartBar& bar : bars) {
    fmt::format_to(std::back_inserter(out),
                   "<text x=\"0\" y=\"{0}\">{2}</text><text class=\"value\" x=\"100%\" y=\"{0}\" "
                   "text-anchor=\"end\">{3}</text><rect class=\"track\" y=\"{1}\" width=\"100%\" "
                   "height=\"10\" rx=\"2\"/>",
                   top + 12, top + 17, escaped(bar.label), escaped(bar.value));
    double left = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double width = whole > 0 ? bar.parts[i] / whole * 100 : 0;
      if (width <= 0) continue;
      fmt::format_to(std::back_inserter(out),
                     "<rect class=\"shown-{}\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" "
                     "height=\"10\"/>",
                     series[i].style, left, top + 17, width);
      left += width;
    }
    top += kRowHeight;
  }
  out += "</svg>";
  append_legend(series, out);
  out += "</figure>\n";
}

void PageTable::append(std::string& out) const {
  const std::string caption = escaped(caption_);
  fmt::format_to(std::back_inserter(out),
                 "<div class=\"numbers\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table>"
                 "<caption>{0}</caption><thead><tr>",
                 caption);
  for (std::size_t i = 0; i < head_.size(); ++i)
    fmt::format_to(std::back_inserter(out), "<th scope=\"col\"{}>{}</th>",
                   i < words_ ? " class=\"word\"" : "", escaped(head_[i]));
  out += "</tr></thead><tbody>\n";
  for (std::size_t row = 0; row < std::min(rows_.size(), kRowsMax); ++row) {
    out += "<tr>";
    for (std::size_t i = 0; i < rows_[row].size(); ++i) {
      const std::string cell = escaped(rows_[row][i]);
      if (i == 0) {
        out += fmt::format("<th scope=\"row\">{}</th>", cell);
      } else {
        out += fmt::format("<td{}>{}</td>", i < words_ ? " class=\"word\"" : "", cell);
      }
    }
    out += "</tr>\n";
  }
  out += "</tbody></table>";
  if (rows_.size() > kRowsMax)
    out +=
        fmt::format("<p class=\"none-yet\">and {} more</p>", count_text(rows_.size() - kRowsMax));
  out += "</div>\n";
}

}  // namespace vedette::output
