// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/result.h"
#include "event/programme.h"
#include "store/database.h"

namespace vedette::store {

// Reads runs one after the other; what belongs to a run is asked for by its number.
class RunReader {
 public:
  static Result<RunReader> create(Database& database);

  // The columns of `row` are those of kRunColumns. `numbers` is sorted: the index of a number is
  // that of its finding.
  static constexpr const char* kRunColumns =
      "run.id, digest, name, branch, time, revision, release, pipeline, verdict, incomplete,"
      " checksum";
  static constexpr int kRepositoryColumn = 2;
  static constexpr int kChecksumColumn = 10;
  Result<event::ProgrammeRun> read(const Database::Statement& row,
                                   const std::vector<std::int64_t>& numbers);

 private:
  RunReader(Database::Statement scanners, Database::Statement sightings)
      : scanners_(std::move(scanners)), sightings_(std::move(sightings)) {}
  Result<void> read_scanners(std::int64_t number, event::ProgrammeRun& run);
  Result<void> read_sightings(std::int64_t number, const std::vector<std::int64_t>& numbers,
                              event::ProgrammeRun& run);

  Database::Statement scanners_;
  Database::Statement sightings_;
};

}  // namespace vedette::store
