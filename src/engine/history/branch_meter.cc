// SPDX-License-Identifier: Apache-2.0
#include "engine/history/branch_meter.h"

#include <algorithm>

namespace vedette::engine {
namespace {

using event::ChangeKind;
using event::Exception;

constexpr TimeNs kDay = TimeNs{86'400} * kNsPerSecond;
constexpr std::int64_t kDaysToMonday = 3;  // 1970 began on a Thursday

std::int64_t floored(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

Dismissals::Dismissals(std::span<const event::Dismissal> dismissals) {
  for (const event::Dismissal& one : dismissals) by_finding_[one.finding].push_back(&one);
}

Exception Dismissals::reason(const std::string& finding, const std::string& repository,
                             TimeNs time) const {
  Exception reason = Exception::kNone;
  const auto at = by_finding_.find(finding);
  if (at == by_finding_.end()) return reason;
  for (const event::Dismissal* const one : at->second) {
    if (one->time > time) break;
    if (one->repository.empty() || one->repository == repository) reason = one->reason;
  }
  return reason;
}

std::int64_t week_of(TimeNs time) { return floored(floored(time, kDay) + kDaysToMonday, 7); }

TimeNs start_of_week(std::int64_t week) { return (week * 7 - kDaysToMonday) * kDay; }

std::int64_t MeasurePeriod::first_week() const {
  const std::int64_t bound = week_of(now) - kWeeksMax + 1;
  return since == INT64_MIN ? bound : std::max(bound, week_of(since));
}

BranchMeter::BranchMeter(const MeasurePeriod& period,
                         std::span<const event::ProgrammeFinding> findings,
                         const Dismissals& dismissals, std::string repository, std::string branch)
    : period_(period),
      findings_(findings),
      dismissals_(dismissals),
      repository_(std::move(repository)) {
  figures_.branch = std::move(branch);
}

void BranchMeter::add(const event::ProgrammeRun& run) {
  ++figures_.runs;
  const TimeNs time = run.facts.time;
  close_weeks(week_of(time));
  timeline_.add(run, [&](ChangeKind kind, std::uint32_t finding, const FindingState& state) {
    note(kind, finding, state, time);
  });
}

void BranchMeter::note(ChangeKind kind, std::uint32_t finding, const FindingState& state,
                       TimeNs time) {
  if (!period_.has(time)) return;
  if (kind == ChangeKind::kFirstSeen) ++figures_.weeks[week_of(time)].opened;
  if (kind == ChangeKind::kReopened) ++figures_.weeks[week_of(time)].reopened;
  if (kind != ChangeKind::kFixed) return;
  ++figures_.weeks[week_of(time)].fixed;
  // What was no finding at all was not remedied.
  const event::ProgrammeFinding& one = findings_[finding];
  if (state.exception == Exception::kFalsePositive ||
      dismissals_.reason(one.identity, repository_, time) == Exception::kFalsePositive)
    return;
  figures_.remediation[{state.severity, one.kind}].push_back(time - state.opened);
}

// Weeks from that of the run before up to `until`, which is not over.
void BranchMeter::close_weeks(std::int64_t until) {
  if (week_ != INT64_MIN) {
    for (std::int64_t week = std::max(week_, period_.first_week()); week < until; ++week)
      figures_.weeks[week].open = count_open(start_of_week(week + 1) - 1);
  }
  week_ = until;
}

event::LevelCounts BranchMeter::count_open(TimeNs time) const {
  event::LevelCounts counts{};
  for (const std::uint32_t finding : timeline_.open()) {
    const FindingState& state = timeline_.states().at(finding);
    const bool is_excepted =
        state.exception != Exception::kNone ||
        dismissals_.reason(findings_[finding].identity, repository_, time) != Exception::kNone;
    if (!is_excepted) ++counts[static_cast<std::size_t>(state.severity)];
  }
  return counts;
}

BranchFigures BranchMeter::finish() {
  const std::int64_t last = week_of(period_.now);
  close_weeks(last);
  figures_.weeks[last].open = count_open(period_.now);
  for (const std::uint32_t finding : timeline_.open()) {
    const FindingState& state = timeline_.states().at(finding);
    if (state.exception != Exception::kNone) {
      ++figures_.waived;
    } else if (dismissals_.reason(findings_[finding].identity, repository_, period_.now) !=
               Exception::kNone) {
      ++figures_.dismissed;
    } else {
      figures_.open.push_back({finding, state.opened, state.severity});
    }
  }
  return std::move(figures_);
}

}  // namespace vedette::engine
