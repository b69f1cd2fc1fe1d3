// SPDX-License-Identifier: Apache-2.0
#include "store/programme_reader.h"

#include <algorithm>

#include "store/programme_rows.h"

namespace vedette::store {

using event::ProgrammeRun;
using event::Sighting;

Result<RunReader> RunReader::create(Database& database) {
  TRY(Database::Statement scanners,
      database.prepare("SELECT scanner, complete, duration FROM scanner_run WHERE run = ?"
                       " ORDER BY position"));
  TRY(Database::Statement sightings,
      database.prepare("SELECT finding, scanner, severity, verdict, exception FROM sighting"
                       " WHERE run = ? ORDER BY finding, scanner"));
  return RunReader(std::move(scanners), std::move(sightings));
}

Result<ProgrammeRun> RunReader::read(const Database::Statement& row,
                                     const std::vector<std::int64_t>& numbers) {
  ProgrammeRun run;
  run.id = text_of(row, 1);
  run.facts = {text_of(row, 2), text_of(row, 5), text_of(row, 3),
               text_of(row, 6), text_of(row, 7), row.number(4)};
  if (!row.is_null(8)) {
    TRY(run.verdict, value_of<event::Verdict>(row, 8, event::kVerdictNames));
  }
  run.incomplete = row.number(9) != 0;
  TRY_VOID(read_scanners(row.number(0), run));
  TRY_VOID(read_sightings(row.number(0), numbers, run));
  return run;
}

Result<void> RunReader::read_scanners(std::int64_t number, ProgrammeRun& run) {
  scanners_.reset();
  scanners_.bind(1, number);
  while (true) {
    TRY(const bool found, scanners_.step());
    if (!found) return {};
    event::ScannerRun& one = run.scanners.emplace_back();
    one.name = text_of(scanners_, 0);
    one.complete = scanners_.number(1) != 0;
    if (!scanners_.is_null(2)) one.duration = scanners_.number(2);
  }
}

Result<void> RunReader::read_sightings(std::int64_t number,
                                       const std::vector<std::int64_t>& numbers,
                                       ProgrammeRun& run) {
  sightings_.reset();
  sightings_.bind(1, number);
  while (true) {
    TRY(const bool found, sightings_.step());
    if (!found) return {};
    Sighting one;
    const auto at = std::ranges::lower_bound(numbers, sightings_.number(0));
    if (at == numbers.end() || *at != sightings_.number(0))
      return damaged("a sighting of no finding");
    one.finding = static_cast<std::uint32_t>(at - numbers.begin());
    const std::int64_t scanner = sightings_.number(1);
    if (scanner < 0 || scanner >= static_cast<std::int64_t>(run.scanners.size()))
      return damaged("a sighting by no scanner");
    one.scanner = static_cast<std::uint32_t>(scanner);
    TRY(one.severity, value_of<event::Level>(sightings_, 2, event::kLevelNames));
    TRY(one.verdict, value_of<event::Verdict>(sightings_, 3, event::kVerdictNames));
    TRY(one.exception, value_of<event::Exception>(sightings_, 4, event::kExceptionNames));
    run.sightings.push_back(one);
  }
}

}  // namespace vedette::store
