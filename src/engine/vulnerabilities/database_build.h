// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "vulnerabilities/record.h"

namespace vedette::engine {

struct DatabaseBuildOptions {
  // Files and folders: OSV records, alone, in folders and in zips; CISA's catalogue of exploited
  // vulnerabilities; EPSS; Exploit Database's list; endoflife.date. Each may be packed with gzip,
  // zstd, xz or bzip2. What a file is is seen by its content.
  std::vector<std::string> inputs;
  std::string output;
  Limits limits;
};

struct DatabaseBuildReport {
  vulnerabilities::DatabaseSummary summary;
  std::uint64_t bytes = 0;  // of the file
  double seconds = 0;
  // The first ones; InputRecord::unreadable counts all.
  std::vector<Diagnostic> problems;
  static constexpr std::size_t kProblemsMax = 100;
};

// Builds a database and puts it in place of `output`, whole or not at all. An Error where an input
// cannot be read, is nothing that is known, or `stop` came.
Result<DatabaseBuildReport> build_database(const DatabaseBuildOptions& options,
                                           const std::atomic<bool>& stop);

}  // namespace vedette::engine
