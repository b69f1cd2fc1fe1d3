// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "event/programme_report.h"

// What the memory of a programme holds, as `vedette history list`, `show` and `runs` write it.
namespace vedette::output {

std::string history_findings_table(std::span<const event::FindingHistory> findings);
// With what happened to each, where that was asked for.
std::string history_findings_json(std::span<const event::FindingHistory> findings);
// Each finding with all that happened to it.
std::string history_details_table(std::span<const event::FindingHistory> findings);

struct HistoryRunRow {
  const event::ProgrammeRun* run = nullptr;
  std::uint64_t findings = 0;
};
std::string history_runs_table(std::span<const HistoryRunRow> runs);
std::string history_runs_json(std::span<const HistoryRunRow> runs);

}  // namespace vedette::output
