// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "event/programme_report.h"

// What all formats of a programme's figures say alike.
namespace vedette::output {

// Shares from 0 to 1; of nothing 0.
double share_of(std::uint64_t part, std::uint64_t whole);
std::string percent_text(std::uint64_t part, std::uint64_t whole);  // "12.5 %", "–" of nothing
std::string date_text(TimeNs time);                                 // "2026-11-27"
// "below 7 days", "from 365 days"; `row` of ProgrammeReport::ages.
std::string age_text(std::size_t row);
std::uint64_t sum_of(const event::LevelCounts& counts);
event::LevelCounts open_counts(const event::ProgrammeReport& report);
event::FalsePositives all_false_positives(const event::ProgrammeReport& report);
// "" for a branch without a name is "(none)".
std::string branch_text(std::string_view branch);
// "all repositories, since 2026-01-01, branches main"
std::string scope_text(const event::ProgrammeReport& report);

}  // namespace vedette::output
