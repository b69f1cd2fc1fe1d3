// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "event/programme_report.h"

namespace vedette::engine {

struct MeasureOptions {
  TimeNs now = 0;            // what is later is not known yet
  TimeNs since = INT64_MIN;  // runs, remediations, releases and weeks before are left out
  std::string repository;    // only for the report to say; empty: all
  // Whose findings count; empty: main, master, trunk and develop, those without a name, and of a
  // repository that has none of these the branch with most runs.
  std::vector<std::string> branches;
};

// The figures of a programme; a function of the rows that it is given. Findings and dismissals
// outlive it.
class Measure {
 public:
  Measure(const MeasureOptions& options, std::span<const event::ProgrammeFinding> findings,
          std::span<const event::Dismissal> dismissals);
  ~Measure();
  Measure(Measure&&) noexcept;
  Measure& operator=(Measure&&) = delete;

  // By repository, branch and time, none later than `now`.
  void add(const event::ProgrammeRun& run);
  event::ProgrammeReport finish();

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace vedette::engine
