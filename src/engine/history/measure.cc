// SPDX-License-Identifier: Apache-2.0
#include "engine/history/measure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/history/branch_meter.h"
#include "engine/history/branches.h"

namespace vedette::engine {
namespace {

using event::Exception;
using event::ProgrammeReport;
using event::ProgrammeRun;
using event::Verdict;

constexpr TimeNs kDay = TimeNs{86'400} * kNsPerSecond;
constexpr double kPercentile = 0.95;
// Which tells of waivers, and scans nothing.
constexpr std::string_view kGate = "gate";

double seconds_of(TimeNs time) {
  return static_cast<double>(time) / static_cast<double>(kNsPerSecond);
}

// Of values in order, none of which may be missing.
double median_of(const std::vector<TimeNs>& sorted) {
  const std::size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return seconds_of(sorted[middle]);
  return (seconds_of(sorted[middle - 1]) + seconds_of(sorted[middle])) / 2;
}

double sum_of(const std::vector<TimeNs>& sorted) {
  return std::accumulate(sorted.begin(), sorted.end(), 0.0,
                         [](double sum, TimeNs one) { return sum + seconds_of(one); });
}

// The nearest rank: the smallest value that is not below this share of all.
double percentile_of(const std::vector<TimeNs>& sorted) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(kPercentile * static_cast<double>(sorted.size())));
  return seconds_of(sorted[std::max<std::size_t>(rank, 1) - 1]);
}

void count(const ProgrammeRun& run, event::VerdictCounts& counts) {
  if (!run.verdict) return;
  if (*run.verdict == Verdict::kBlock) {
    ++counts.blocked;
  } else if (*run.verdict == Verdict::kWarn) {
    ++counts.warned;
  } else {
    ++counts.passed;
  }
}

void add(const event::LevelCounts& more, event::LevelCounts& into) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] += more[i];
}

struct Release {
  std::string last_run;
  event::ReleaseFindings figures;
};

}  // namespace

class Measure::Work {
 public:
  Work(const MeasureOptions& options, std::span<const event::ProgrammeFinding> findings,
       std::span<const event::Dismissal> dismissals)
      : options_(options),
        period_{options.now, options.since},
        findings_(findings),
        dismissals_(dismissals),
        told_(findings.size(), kNotTold) {}

  void add(const ProgrammeRun& run) {
    if (run.facts.repository != repository_) {
      finish_repository();
      repository_ = run.facts.repository;
    }
    if (!is_snapshot(run)) add_to_branch(run);
    if (!period_.has(run.facts.time)) return;
    add_verdict(run);
    add_scanners(run);
    add_told(run);
    if (!run.facts.release.empty()) add_release(run);
  }

  ProgrammeReport finish() {
    finish_repository();
    report_.now = options_.now;
    report_.since = options_.since;
    report_.repository = options_.repository;
    report_.branches = options_.branches;
    for (std::size_t i = 0; i < event::kAgeDays.size(); ++i)
      report_.ages[i].days = event::kAgeDays[i];
    finish_remediation();
    for (auto& [kind, one] : false_positives_) {
      one.kind = kind;
      report_.false_positives.push_back(one);
    }
    for (auto& [key, one] : open_) report_.open.push_back(std::move(one));
    for (auto& [key, one] : releases_) report_.releases.push_back(std::move(one.figures));
    std::ranges::stable_sort(report_.releases, {}, [](const event::ReleaseFindings& one) {
      return std::pair(std::string_view(one.repository), one.time);
    });
    for (auto& [scanner, durations] : durations_) finish_cost(scanner, durations);
    finish_weeks();
    return std::move(report_);
  }

 private:
  enum Told : std::uint8_t { kNotTold, kTold, kFalsePositive };

  void add_to_branch(const ProgrammeRun& run) {
    if (!meter_ || run.facts.branch != branch_) {
      finish_branch();
      branch_ = run.facts.branch;
      meter_.emplace(period_, findings_, dismissals_, repository_, branch_);
    }
    meter_->add(run);
  }

  void add_verdict(const ProgrammeRun& run) {
    count(run, report_.verdicts);
    count(run, weeks_[week_of(run.facts.time)].verdicts);
    if (report_.repositories.empty() || report_.repositories.back().repository != repository_)
      report_.repositories.emplace_back().repository = repository_;
    event::RepositoryRuns& one = report_.repositories.back();
    count(run, one.verdicts);
    one.incomplete += run.incomplete ? 1 : 0;
    one.imported += run.verdict ? 0 : 1;
    one.last = std::max(one.last, run.facts.time);
    ++runs_;
  }

  void add_scanners(const ProgrammeRun& run) {
    for (const event::ScannerRun& scanner : run.scanners) {
      if (scanner.name == kGate) continue;
      event::Coverage& one = coverage_[scanner.name];
      ++one.runs;
      one.complete += scanner.complete ? 1 : 0;
      one.last = std::max(one.last, run.facts.time);
      if (scanner.complete)
        one.last_complete = std::max(one.last_complete.value_or(run.facts.time), run.facts.time);
      if (scanner.duration) durations_[scanner.name].push_back(*scanner.duration);
    }
  }

  void add_told(const ProgrammeRun& run) {
    for (const event::Sighting& one : run.sightings) {
      Told& told = told_[one.finding];
      if (told == kNotTold) told_findings_.push_back(one.finding);
      told = std::max(told, one.exception == Exception::kFalsePositive ? kFalsePositive : kTold);
    }
  }

  void add_release(const ProgrammeRun& run) {
    Release& release = releases_[{repository_, run.facts.release}];
    const bool is_later = std::pair(run.facts.time, std::string_view(run.id)) >=
                          std::pair(release.figures.time, std::string_view(release.last_run));
    if (!release.last_run.empty() && !is_later) return;
    release.last_run = run.id;
    release.figures = {repository_, run.facts.release, run.facts.time, {}, 0};
    for (std::size_t begin = 0; begin < run.sightings.size();) {
      const event::Sighting& first = run.sightings[begin];
      event::Level severity = first.severity;
      bool is_excepted = dismissals_.reason(findings_[first.finding].identity, repository_,
                                            options_.now) != Exception::kNone;
      bool all_excepted = true;
      std::size_t end = begin;
      for (; end < run.sightings.size() && run.sightings[end].finding == first.finding; ++end) {
        severity = std::max(severity, run.sightings[end].severity);
        all_excepted = all_excepted && run.sightings[end].exception != Exception::kNone;
      }
      is_excepted = is_excepted || all_excepted;
      if (is_excepted) {
        ++release.figures.excepted;
      } else {
        ++release.figures.findings[static_cast<std::size_t>(severity)];
      }
      begin = end;
    }
  }

  void finish_branch() {
    if (meter_) branches_.push_back(meter_->finish());
    meter_.reset();
  }

  void finish_repository() {
    finish_branch();
    std::vector<BranchRuns> known;
    for (const BranchFigures& one : branches_) known.push_back({one.branch, one.runs});
    const std::vector<std::string> counted = counted_branches(options_.branches, known);
    for (const BranchFigures& one : branches_) {
      if (std::ranges::find(counted, one.branch) != counted.end()) add_figures(one);
    }
    branches_.clear();
    for (const std::uint32_t finding : told_findings_) {
      event::FalsePositives& one = false_positives_[findings_[finding].kind];
      ++one.findings;
      const bool is_false = told_[finding] == kFalsePositive ||
                            dismissals_.reason(findings_[finding].identity, repository_,
                                               options_.now) == Exception::kFalsePositive;
      one.false_positives += is_false ? 1 : 0;
      told_[finding] = kNotTold;
    }
    told_findings_.clear();
    for (auto& [scanner, one] : coverage_) {
      one.repository = repository_;
      one.scanner = scanner;
      one.of_runs = runs_;
      report_.coverage.push_back(std::move(one));
    }
    coverage_.clear();
    runs_ = 0;
  }

  void add_figures(const BranchFigures& figures) {
    for (const auto& [key, durations] : figures.remediation) {
      std::vector<TimeNs>& all = remediation_[key];
      all.insert(all.end(), durations.begin(), durations.end());
    }
    for (const auto& [week, more] : figures.weeks) {
      event::ProgrammeWeek& one = weeks_[week];
      one.opened += more.opened;
      one.reopened += more.reopened;
      one.fixed += more.fixed;
      engine::add(more.open, one.open);
    }
    for (const BranchFigures::Open& one : figures.open) add_open(one);
    report_.waived += figures.waived;
    report_.dismissed += figures.dismissed;
  }

  void add_open(const BranchFigures::Open& one) {
    const std::string& kind = findings_[one.finding].kind;
    event::OpenFindings& open = open_[{repository_, kind}];
    open.repository = repository_;
    open.kind = kind;
    const auto level = static_cast<std::size_t>(one.severity);
    ++open.findings[level];
    const TimeNs age = options_.now - one.opened;
    std::size_t row = 0;
    while (row < event::kAgeDays.size() && age >= TimeNs{event::kAgeDays[row]} * kDay) ++row;
    ++report_.ages[row].findings[level];
    open_ages_.push_back(age);
  }

  void finish_remediation() {
    for (auto& [key, durations] : remediation_) {
      std::ranges::sort(durations);
      report_.remediation.push_back({key.first, key.second, durations.size(),
                                     sum_of(durations) / static_cast<double>(durations.size()),
                                     median_of(durations)});
    }
    std::ranges::stable_sort(report_.remediation, std::greater<>(), &event::Remediation::severity);
    std::ranges::sort(open_ages_);
    report_.open_seconds = sum_of(open_ages_);
  }

  void finish_cost(const std::string& scanner, std::vector<TimeNs>& durations) {
    std::ranges::sort(durations);
    report_.costs.push_back({scanner, durations.size(), sum_of(durations), median_of(durations),
                             percentile_of(durations)});
  }

  void finish_weeks() {
    if (weeks_.empty()) return;
    const std::int64_t last = week_of(options_.now);
    const std::int64_t earliest = options_.since == INT64_MIN
                                      ? weeks_.begin()->first
                                      : std::max(weeks_.begin()->first, week_of(options_.since));
    const std::int64_t first = std::max(earliest, period_.first_week());
    report_.weeks_left_out =
        static_cast<std::uint64_t>(std::max<std::int64_t>(first - earliest, 0));
    for (std::int64_t week = first; week <= last; ++week) {
      event::ProgrammeWeek& one = report_.weeks.emplace_back(weeks_[week]);
      one.start = start_of_week(week);
    }
  }

  const MeasureOptions options_;
  const MeasurePeriod period_;
  std::span<const event::ProgrammeFinding> findings_;
  const Dismissals dismissals_;
  ProgrammeReport report_;

  // Of the repository at work.
  std::string repository_;
  std::string branch_;
  std::optional<BranchMeter> meter_;
  std::vector<BranchFigures> branches_;
  std::vector<Told> told_;  // by finding
  std::vector<std::uint32_t> told_findings_;
  std::map<std::string, event::Coverage> coverage_;
  std::uint64_t runs_ = 0;

  // Of all.
  std::map<std::pair<event::Level, std::string>, std::vector<TimeNs>> remediation_;
  std::map<std::string, event::FalsePositives> false_positives_;
  std::map<std::pair<std::string, std::string>, event::OpenFindings> open_;
  std::map<std::pair<std::string, std::string>, Release> releases_;
  std::map<std::string, std::vector<TimeNs>> durations_;
  std::map<std::int64_t, event::ProgrammeWeek> weeks_;
  std::vector<TimeNs> open_ages_;
};

Measure::Measure(const MeasureOptions& options, std::span<const event::ProgrammeFinding> findings,
                 std::span<const event::Dismissal> dismissals)
    : work_(std::make_unique<Work>(options, findings, dismissals)) {}
Measure::~Measure() = default;
Measure::Measure(Measure&&) noexcept = default;

void Measure::add(const ProgrammeRun& run) { work_->add(run); }

ProgrammeReport Measure::finish() { return work_->finish(); }

}  // namespace vedette::engine
