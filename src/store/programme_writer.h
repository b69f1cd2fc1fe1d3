// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/programme.h"
#include "store/database.h"

namespace vedette::store {

// Writes one run inside of a transaction.
class RunWriter {
 public:
  explicit RunWriter(Database& database) : database_(database) {}

  // False: it is known already.
  Result<bool> write(const event::RunRecord& record);

 private:
  Result<bool> knows(const std::string& id);
  Result<void> add_findings(const std::vector<event::ProgrammeFinding>& findings);
  Result<std::int64_t> add_run();
  Result<void> add_scanners(std::int64_t run);
  Result<void> add_sightings(std::int64_t run);

  Database& database_;  // the caller's
  event::ProgrammeRun run_;
  std::vector<std::int64_t> numbers_;  // of the record's findings, in the file
  std::int64_t added_ = 0;
};

}  // namespace vedette::store
