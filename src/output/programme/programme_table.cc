// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <iterator>

#include "output/programme/programme_formats.h"
#include "output/programme/programme_words.h"
#include "output/quantity.h"
#include "output/table/summary_text.h"
#include "output/table/text_columns.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr std::size_t kLineColumns = 400;
constexpr std::size_t kReleasesShown = 20;
constexpr std::size_t kWeeksShown = 12;

void append_level_heads(std::vector<std::string>& head) {
  for (std::size_t i = event::kLevelNames.size(); i-- > 0;)
    head.emplace_back(event::kLevelNames[i]);
}

void append_levels(const event::LevelCounts& counts, std::vector<std::string>& row) {
  for (std::size_t i = counts.size(); i-- > 0;) row.push_back(count_text(counts[i]));
}

class Table {
 public:
  Table(const event::ProgrammeReport& report, const ProgrammeTextOptions& options)
      : report_(report), palette_(options.colour ? Palette::with_colour() : Palette()) {}

  std::string write() {
    append_terminal(scope_text(report_) + ", as of " + date_text(report_.now), kLineColumns, out_);
    out_ += '\n';
    write_runs();
    write_open();
    write_remediation();
    write_false_positives();
    write_releases();
    write_coverage();
    write_costs();
    write_weeks();
    return std::move(out_);
  }

 private:
  void title(std::string_view text) {
    fmt::format_to(std::back_inserter(out_), "\n{}{}{}\n", palette_.bold, text, palette_.reset);
  }

  void table(std::string_view name, const TextColumns& columns) {
    if (columns.empty()) return;
    title(name);
    columns.append(palette_.dim, palette_.reset, out_);
  }

  void write_runs() {
    TextColumns columns(
        {"repository", "runs", "blocked", "warned", "passed", "blocked share", "imported", "last"});
    const auto add = [&](const std::string& name, const event::VerdictCounts& one,
                         std::uint64_t imported, const std::string& last) {
      columns.add({name, count_text(one.judged()), count_text(one.blocked), count_text(one.warned),
                   count_text(one.passed), percent_text(one.blocked, one.judged()),
                   count_text(imported), last});
    };
    std::uint64_t imported = 0;
    for (const event::RepositoryRuns& one : report_.repositories) {
      add(one.repository, one.verdicts, one.imported, date_text(one.last));
      imported += one.imported;
    }
    if (report_.repositories.size() > 1) add("all", report_.verdicts, imported, "");
    if (columns.empty()) out_ += "no runs\n";
    table("Runs", columns);
  }

  void write_open() {
    std::vector<std::string> head = {"repository", "kind"};
    append_level_heads(head);
    TextColumns columns(head);
    for (const event::OpenFindings& one : report_.open) {
      std::vector<std::string> row = {one.repository, one.kind};
      append_levels(one.findings, row);
      columns.add(row);
    }
    table("Open findings", columns);
    if (report_.waived + report_.dismissed != 0)
      out_ += fmt::format("beside these {} waived, {} dismissed\n", count_text(report_.waived),
                          count_text(report_.dismissed));
    head = {"age"};
    append_level_heads(head);
    TextColumns ages(head);
    for (std::size_t i = 0; i < report_.ages.size(); ++i) {
      std::vector<std::string> row = {age_text(i)};
      append_levels(report_.ages[i].findings, row);
      ages.add(row);
    }
    if (!columns.empty()) table("Age of open findings", ages);
  }

  void write_remediation() {
    TextColumns columns({"severity", "kind", "fixed", "mean", "median"});
    for (const event::Remediation& one : report_.remediation) {
      columns.add({std::string(event::to_string(one.severity)), one.kind, count_text(one.count),
                   duration_text(one.mean_seconds), duration_text(one.median_seconds)});
    }
    table("Time to remediate", columns);
  }

  void write_false_positives() {
    TextColumns columns({"kind", "findings", "false positives", "rate"});
    const auto add = [&](const event::FalsePositives& one) {
      columns.add({one.kind, count_text(one.findings), count_text(one.false_positives),
                   percent_text(one.false_positives, one.findings)});
    };
    for (const event::FalsePositives& one : report_.false_positives) add(one);
    if (report_.false_positives.size() > 1) {
      event::FalsePositives all = all_false_positives(report_);
      all.kind = "all";
      add(all);
    }
    table("False positives", columns);
  }

  // The latest ones: a programme has thousands.
  void write_releases() {
    std::vector<std::string> head = {"repository", "release", "date"};
    append_level_heads(head);
    head.emplace_back("excepted");
    TextColumns columns(head);
    const auto& releases = report_.releases;
    const std::size_t first = releases.size() - std::min(releases.size(), kReleasesShown);
    for (std::size_t i = first; i < releases.size(); ++i) {
      std::vector<std::string> row = {releases[i].repository, releases[i].release,
                                      date_text(releases[i].time)};
      append_levels(releases[i].findings, row);
      row.push_back(count_text(releases[i].excepted));
      columns.add(row);
    }
    table("Findings of releases", columns);
    if (first != 0) out_ += fmt::format("{} more releases\n", count_text(first));
  }

  void write_coverage() {
    TextColumns columns(
        {"repository", "scanner", "runs", "of", "complete", "last", "last complete"});
    for (const event::Coverage& one : report_.coverage) {
      columns.add({one.repository, one.scanner, count_text(one.runs), count_text(one.of_runs),
                   count_text(one.complete), date_text(one.last),
                   one.last_complete ? date_text(*one.last_complete) : "never"});
    }
    table("Scanners", columns);
  }

  void write_costs() {
    TextColumns columns({"scanner", "runs", "median", "95 %", "all"});
    for (const event::ScannerCost& one : report_.costs) {
      columns.add({one.scanner, count_text(one.runs), duration_text(one.median_seconds),
                   duration_text(one.p95_seconds), duration_text(one.total_seconds)});
    }
    table("Cost", columns);
  }

  void write_weeks() {
    TextColumns columns({"week of", "runs", "blocked", "warned", "passed", "opened", "reopened",
                         "fixed", "open at its end"});
    const auto& weeks = report_.weeks;
    const std::size_t first = weeks.size() - std::min(weeks.size(), kWeeksShown);
    for (std::size_t i = first; i < weeks.size(); ++i) {
      const event::ProgrammeWeek& one = weeks[i];
      columns.add({date_text(one.start), count_text(one.verdicts.judged()),
                   count_text(one.verdicts.blocked), count_text(one.verdicts.warned),
                   count_text(one.verdicts.passed), count_text(one.opened),
                   count_text(one.reopened), count_text(one.fixed), count_text(sum_of(one.open))});
    }
    table("Weeks", columns);
    if (first != 0) out_ += fmt::format("{} earlier weeks\n", count_text(first));
  }

  const event::ProgrammeReport& report_;
  Palette palette_;
  std::string out_;
};

}  // namespace

std::string programme_table(const event::ProgrammeReport& report,
                            const ProgrammeTextOptions& options) {
  return Table(report, options).write();
}

}  // namespace vedette::output
