// SPDX-License-Identifier: Apache-2.0
#include "output/programme/programme_words.h"

#include <fmt/format.h>
#include <numeric>

namespace vedette::output {

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "–" : fmt::format("{:.1f} %", share_of(part, whole) * 100);
}

std::string date_text(TimeNs time) { return format_time(time).substr(0, 10); }

std::string age_text(std::size_t row) {
  if (row == 0) return "below a day";
  if (row == event::kAgeDays.size()) return fmt::format("from {} days", event::kAgeDays[row - 1]);
  return fmt::format("{} to {} days", event::kAgeDays[row - 1], event::kAgeDays[row]);
}

std::uint64_t sum_of(const event::LevelCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

event::LevelCounts open_counts(const event::ProgrammeReport& report) {
  event::LevelCounts counts{};
  for (const event::OpenFindings& one : report.open) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += one.findings[i];
  }
  return counts;
}

event::FalsePositives all_false_positives(const event::ProgrammeReport& report) {
  event::FalsePositives all;
  for (const event::FalsePositives& one : report.false_positives) {
    all.findings += one.findings;
    all.false_positives += one.false_positives;
  }
  return all;
}

std::string branch_text(std::string_view branch) {
  return branch.empty() ? "(none)" : std::string(branch);
}

std::string scope_text(const event::ProgrammeReport& report) {
  std::string text = report.repository.empty() ? "all repositories" : report.repository;
  if (report.since != INT64_MIN) text += ", since " + date_text(report.since);
  text += report.branches.empty() ? ", main branches" : ", branches ";
  for (std::size_t i = 0; i < report.branches.size(); ++i)
    text += (i == 0 ? "" : ", ") + branch_text(report.branches[i]);
  return text;
}

}  // namespace vedette::output
