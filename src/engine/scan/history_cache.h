// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/scan/history_findings.h"
#include "engine/scan/result_cache.h"
#include "formats/git/object_id.h"
#include "ingest/skip_tally.h"
#include "scan/content.h"
#include "scan/git/losses.h"

namespace vedette::engine {

// What was known of a repository when its whole history was scanned last: only what its references
// lead to since then need be read.
struct KnownHistory {
  std::vector<formats::git::ObjectId> tips;   // scan::git::History::tips()
  std::vector<formats::git::ObjectId> named;  // scan::git::History::named()
  std::uint32_t commits = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  scan::ScanCounts counts;
  ingest::SkipTally skipped;
  scan::git::Losses losses;
  std::vector<HistoryFindings::Found> found;  // commits described
};

// By the folder of the repository and all that ScanSettings says.
std::optional<KnownHistory> find_history(ResultCache& cache, const std::string& repository);
void keep_history(ResultCache& cache, const std::string& repository, const KnownHistory& known);

}  // namespace vedette::engine
