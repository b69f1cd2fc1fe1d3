// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <map>

#include "output/html/page.h"
#include "output/programme/charts.h"
#include "output/programme/html/assets.h"
#include "output/programme/programme_formats.h"
#include "output/programme/programme_words.h"
#include "output/quantity.h"

namespace vedette::output {
namespace {

constexpr std::size_t kBarsMax = 12;

constexpr std::array<ChartSeries, event::kLevelNames.size()> kLevels = {{
    {"critical", "critical"},
    {"high", "high"},
    {"medium", "medium"},
    {"low", "low"},
    {"informational", "informational"},
}};
constexpr std::array<ChartSeries, 3> kVerdicts = {
    {{"blocked", "blocked"}, {"warned", "warned"}, {"passed", "passed"}}};
constexpr std::array<ChartSeries, 3> kChanges = {
    {{"opened", "opened", 0}, {"reopened", "reopened", 0}, {"fixed", "fixed", 1}}};
constexpr std::array<ChartSeries, 1> kMedian = {{{"median", "median"}}};
constexpr std::array<ChartSeries, 2> kCosts = {{{"median", "median"}, {"up to 95 %", "more"}}};
constexpr std::array<ChartSeries, 1> kShare = {{{"share", "median"}}};

// Gravest first, as the series have them.
template <typename Number>
std::vector<Number> level_values(const event::LevelCounts& counts) {
  std::vector<Number> out;
  for (std::size_t i = counts.size(); i-- > 0;) out.push_back(static_cast<Number>(counts[i]));
  return out;
}

std::vector<std::string> with_levels(std::vector<std::string> cells,
                                     const event::LevelCounts& counts) {
  for (std::size_t i = counts.size(); i-- > 0;) cells.push_back(count_text(counts[i]));
  return cells;
}

std::vector<std::string> level_head(std::vector<std::string> head) {
  for (std::size_t i = event::kLevelNames.size(); i-- > 0;)
    head.emplace_back(event::kLevelNames[i] == "informational" ? "info" : event::kLevelNames[i]);
  return head;
}

class Page {
 public:
  Page(const event::ProgrammeReport& report, const ProgrammeTextOptions& options)
      : report_(report), options_(options) {}

  std::string write() {
    append_page_head({.title = "Security programme",
                      .style = programme_style(),
                      .style_sha256 = programme_style_sha256(),
                      .script_sha256 = {}},
                     out_);
    out_ += "<div class=\"page programme\">\n<h1>Security programme</h1>\n<p class=\"facts\">";
    append_page_time(report_.now, out_);
    append_html(scope_text(report_), out_);
    out_ += "</p>\n";
    write_tiles();
    out_ += "<main>\n";
    write_weeks();
    write_ages();
    write_open();
    write_remediation();
    write_false_positives();
    write_releases();
    write_runs();
    write_coverage();
    write_costs();
    out_ += programme_body();
    out_ += "</main>\n<footer>Vedette ";
    append_html(options_.version, out_);
    out_ += "</footer>\n</div>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  void tile(std::string_view style, const std::string& number, std::string_view text) {
    fmt::format_to(std::back_inserter(out_),
                   "<li class=\"tile {}\"><b>{}</b><span>{}</span></li>\n", style, number, text);
  }

  void write_tiles() {
    const event::LevelCounts open = open_counts(report_);
    out_ += "<ul class=\"tiles\">\n";
    for (std::size_t i = open.size(); i-- > 0;)
      tile(fmt::format("is-{}", event::kLevelNames[i]), count_text(open[i]),
           fmt::format("{} open", event::kLevelNames[i]));
    out_ += "</ul>\n<ul class=\"tiles\">\n";
    const event::VerdictCounts& runs = report_.verdicts;
    const event::FalsePositives all = all_false_positives(report_);
    double seconds = 0;
    std::uint64_t fixed = 0;
    for (const event::Remediation& one : report_.remediation) {
      seconds += one.mean_seconds * static_cast<double>(one.count);
      fixed += one.count;
    }
    tile("plain-tile", count_text(runs.judged()), "runs of the gate");
    tile("plain-tile", percent_text(runs.blocked, runs.judged()), "of them blocked");
    tile("plain-tile", fixed == 0 ? "–" : duration_text(seconds / static_cast<double>(fixed)),
         "mean time to remediate");
    tile("plain-tile", percent_text(all.false_positives, all.findings), "false positives");
    tile("plain-tile", count_text(report_.waived + report_.dismissed), "waived or dismissed");
    out_ += "</ul>\n";
  }

  void begin(std::string_view title, std::string_view hint) {
    fmt::format_to(std::back_inserter(out_),
                   "<section class=\"card\"><header><h2>{}</h2><span class=\"hint\">{}</span>"
                   "</header>\n",
                   title, hint);
  }

  // `chart` writes the figure.
  template <typename Chart>
  void panel(std::string_view title, std::string_view hint, const PageTable& table,
             const Chart& chart) {
    begin(title, hint);
    if (table.empty()) {
      out_ += "<p class=\"none-yet\">None yet.</p></section>\n";
      return;
    }
    out_ += "<div class=\"panel\">\n";
    chart();
    table.append(out_);
    out_ += "</div></section>\n";
  }

  void bars(std::string_view title, std::span<const ChartSeries> series, std::vector<ChartBar> bars,
            double whole = 0) {
    if (bars.size() > kBarsMax) bars.resize(kBarsMax);
    append_bars_chart(title, series, bars, whole, out_);
  }

  template <typename Values>
  void week_panel(std::string_view title, std::span<const ChartSeries> series,
                  std::vector<std::string> head, const Values& values) {
    head.insert(head.begin(), "week of");
    PageTable table(std::string(title), std::move(head), 1);
    std::vector<ChartColumn> columns;
    for (const event::ProgrammeWeek& week : report_.weeks)
      columns.push_back({date_text(week.start), values(week)});
    // What is new is looked for first.
    for (std::size_t i = columns.size(); i-- > 0;) {
      std::vector<std::string> row = {columns[i].label};
      for (const std::uint64_t value : columns[i].values) row.push_back(count_text(value));
      table.add(std::move(row));
    }
    const std::string hint =
        report_.weeks_left_out == 0
            ? "by week"
            : fmt::format("by week, {} earlier weeks left out", count_text(report_.weeks_left_out));
    panel(title, hint, table, [&] { append_columns_chart(title, series, columns, out_); });
  }

  void write_weeks() {
    week_panel("Open findings", kLevels, level_head({}), [](const event::ProgrammeWeek& week) {
      return level_values<std::uint64_t>(week.open);
    });
    week_panel("Findings opened and fixed", kChanges, {"opened", "reopened", "fixed"},
               [](const event::ProgrammeWeek& week) {
                 return std::vector<std::uint64_t>{week.opened, week.reopened, week.fixed};
               });
    week_panel("Verdicts", kVerdicts, {"blocked", "warned", "passed"},
               [](const event::ProgrammeWeek& week) {
                 const event::VerdictCounts& one = week.verdicts;
                 return std::vector<std::uint64_t>{one.blocked, one.warned, one.passed};
               });
  }

  void write_ages() {
    PageTable table("Age of open findings", level_head({"age"}), 1);
    std::vector<ChartBar> rows;
    for (std::size_t i = 0; i < report_.ages.size(); ++i) {
      const event::LevelCounts& counts = report_.ages[i].findings;
      rows.push_back({age_text(i), count_text(sum_of(counts)), level_values<double>(counts)});
      table.add(with_levels({age_text(i)}, counts));
    }
    panel("Age of open findings", "since they were seen, or seen again", table,
          [&] { bars("Age of open findings", kLevels, rows); });
  }

  void write_open() {
    PageTable table("Open findings by repository", level_head({"repository", "kind"}), 2);
    std::map<std::string, event::LevelCounts> all;
    for (const event::OpenFindings& one : report_.open) {
      table.add(with_levels({one.repository, one.kind}, one.findings));
      event::LevelCounts& counts = all[one.repository];
      for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += one.findings[i];
    }
    std::vector<ChartBar> rows;
    for (const auto& [repository, counts] : all)
      rows.push_back({repository, count_text(sum_of(counts)), level_values<double>(counts)});
    std::ranges::stable_sort(rows, std::greater<>(), [](const ChartBar& bar) {
      double sum = 0;
      for (const double part : bar.parts) sum += part;
      return sum;
    });
    panel("Open findings by repository", "those with most", table,
          [&] { bars("Open findings by repository", kLevels, rows); });
  }

  void write_remediation() {
    PageTable table("Time to remediate", {"severity", "kind", "fixed", "mean", "median"}, 2);
    std::vector<ChartBar> rows;
    for (const event::Remediation& one : report_.remediation) {
      const std::string severity(event::to_string(one.severity));
      table.add({severity, one.kind, count_text(one.count), duration_text(one.mean_seconds),
                 duration_text(one.median_seconds)});
      rows.push_back({fmt::format("{}, {}", severity, one.kind),
                      duration_text(one.median_seconds),
                      {one.median_seconds}});
    }
    panel("Time to remediate", "median, from being seen to being gone", table,
          [&] { bars("Median time to remediate", kMedian, rows); });
  }

  void write_false_positives() {
    PageTable table("False positives", {"kind", "findings", "false", "rate"}, 1);
    std::vector<ChartBar> rows;
    for (const event::FalsePositives& one : report_.false_positives) {
      const std::string rate = percent_text(one.false_positives, one.findings);
      table.add({one.kind, count_text(one.findings), count_text(one.false_positives), rate});
      rows.push_back({one.kind, rate, {share_of(one.false_positives, one.findings)}});
    }
    panel("False positives", "marked so by a waiver or dismissed", table,
          [&] { bars("Share of false positives", kShare, rows, 1); });
  }

  void write_releases() {
    PageTable table("Findings of releases", level_head({"repository", "release", "date"}), 2);
    std::vector<ChartBar> rows;
    for (std::size_t i = report_.releases.size(); i-- > 0;) {
      const event::ReleaseFindings& one = report_.releases[i];
      table.add(with_levels({one.repository, one.release, date_text(one.time)}, one.findings));
      rows.push_back({fmt::format("{} {}", one.repository, one.release),
                      count_text(sum_of(one.findings)), level_values<double>(one.findings)});
    }
    panel("Findings of releases", "in the last run of each, without those that are excepted", table,
          [&] { bars("Findings of releases", kLevels, rows); });
  }

  void write_runs() {
    PageTable table("Runs by repository",
                    {"repository", "blocked", "warned", "passed", "imported", "last"}, 1);
    std::vector<ChartBar> rows;
    for (const event::RepositoryRuns& one : report_.repositories) {
      const event::VerdictCounts& counts = one.verdicts;
      table.add({one.repository, count_text(counts.blocked), count_text(counts.warned),
                 count_text(counts.passed), count_text(one.imported), date_text(one.last)});
      rows.push_back({one.repository,
                      count_text(counts.judged()),
                      {static_cast<double>(counts.blocked), static_cast<double>(counts.warned),
                       static_cast<double>(counts.passed)}});
    }
    panel("Runs by repository", "", table, [&] { bars("Runs by repository", kVerdicts, rows); });
  }

  void write_coverage() {
    PageTable table("Scanner coverage",
                    {"repository", "scanner", "complete", "runs", "last complete"}, 2);
    std::vector<ChartBar> rows;
    for (const event::Coverage& one : report_.coverage) {
      table.add({one.repository, one.scanner, count_text(one.complete), count_text(one.of_runs),
                 one.last_complete ? date_text(*one.last_complete) : "never"});
      rows.push_back({fmt::format("{}, {}", one.repository, one.scanner),
                      percent_text(one.complete, one.of_runs),
                      {share_of(one.complete, one.of_runs)}});
    }
    std::ranges::stable_sort(rows, {}, [](const ChartBar& bar) { return bar.parts.front(); });
    panel("Scanner coverage", "share of runs in which a scanner saw everything, the least first",
          table, [&] { bars("Scanner coverage", kShare, rows, 1); });
  }

  void write_costs() {
    PageTable table("Cost of scanners", {"scanner", "runs", "median", "95 %", "all"}, 1);
    std::vector<ChartBar> rows;
    for (const event::ScannerCost& one : report_.costs) {
      const std::string median = duration_text(one.median_seconds);
      const std::string more = duration_text(one.p95_seconds);
      table.add(
          {one.scanner, count_text(one.runs), median, more, duration_text(one.total_seconds)});
      rows.push_back({one.scanner,
                      fmt::format("{} to {}", median, more),
                      {one.median_seconds, one.p95_seconds - one.median_seconds}});
    }
    panel("Cost of scanners", "seconds a run", table,
          [&] { bars("Cost of scanners", kCosts, rows); });
  }

  const event::ProgrammeReport& report_;
  const ProgrammeTextOptions& options_;
  std::string out_;
};

}  // namespace

std::string programme_html(const event::ProgrammeReport& report,
                           const ProgrammeTextOptions& options) {
  return Page(report, options).write();
}

}  // namespace vedette::output
