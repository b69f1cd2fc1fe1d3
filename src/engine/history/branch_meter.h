// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/history/timeline.h"
#include "event/programme_report.h"

namespace vedette::engine {

// The last weeks that figures are kept of.
inline constexpr std::int64_t kWeeksMax = 104;

// Whether a finding is dismissed at a time, and why; the dismissals come by time.
class Dismissals {
 public:
  explicit Dismissals(std::span<const event::Dismissal> dismissals);
  event::Exception reason(const std::string& finding, const std::string& repository,
                          TimeNs time) const;

 private:
  std::unordered_map<std::string, std::vector<const event::Dismissal*>> by_finding_;
};

// The week of a time, counted from the one in which 1970 began, and its Monday.
std::int64_t week_of(TimeNs time);
TimeNs start_of_week(std::int64_t week);

// What figures are about. A plain value.
struct MeasurePeriod {
  TimeNs now = 0;
  TimeNs since = INT64_MIN;

  bool has(TimeNs time) const { return time >= since && time <= now; }
  // The first week that is shown.
  std::int64_t first_week() const;
};

// What one branch adds to the figures, if it counts.
struct BranchFigures {
  struct Week {
    std::uint64_t opened = 0;
    std::uint64_t reopened = 0;
    std::uint64_t fixed = 0;
    event::LevelCounts open{};
  };
  struct Open {
    std::uint32_t finding = 0;
    TimeNs opened = 0;
    event::Level severity = event::Level::kHigh;
  };

  std::string branch;
  std::uint64_t runs = 0;
  // How long findings stood, by severity and kind.
  std::map<std::pair<event::Level, std::string>, std::vector<TimeNs>> remediation;
  std::map<std::int64_t, Week> weeks;
  std::vector<Open> open;
  std::uint64_t waived = 0;
  std::uint64_t dismissed = 0;
};

// Goes along with the runs of one branch. What it is given outlives it.
class BranchMeter {
 public:
  BranchMeter(const MeasurePeriod& period, std::span<const event::ProgrammeFinding> findings,
              const Dismissals& dismissals, std::string repository, std::string branch);

  void add(const event::ProgrammeRun& run);
  BranchFigures finish();

 private:
  void note(event::ChangeKind kind, std::uint32_t finding, const FindingState& state, TimeNs time);
  void close_weeks(std::int64_t until);
  event::LevelCounts count_open(TimeNs time) const;

  const MeasurePeriod& period_;
  std::span<const event::ProgrammeFinding> findings_;
  const Dismissals& dismissals_;
  std::string repository_;
  BranchFigures figures_;
  Timeline timeline_;
  std::int64_t week_ = INT64_MIN;  // of the run before
};

}  // namespace vedette::engine
