// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/ci/stages.h"
#include "engine/scan/result_cache.h"

namespace vedette::engine {

// What a run that its budget stopped has done, for the one that goes on. Kept among the results of
// earlier runs (store::ResultStore), by all that it depends on: program, folder, what changed,
// rules' packs, database, images and stages; what is damaged there or of another run is not known,
// and all stages run again.
struct DoneStage {
  std::string name;
  std::string target;
  event::StageRecord record;
  std::string json;
  std::vector<std::string> known;          // StageOutcome::known
  std::vector<event::FixedFinding> fixed;  // StageOutcome::fixed
};

std::string run_key(const CiOptions& options, const ChangeSet& change);

// Nothing: no run of this key is unfinished.
std::optional<std::vector<DoneStage>> find_unfinished(const ResultCacheOptions& cache,
                                                      const std::string& key);
// None: the run is finished. False: nothing could be kept.
bool keep_unfinished(const ResultCacheOptions& cache, const std::string& key,
                     const std::vector<DoneStage>& done);

}  // namespace vedette::engine
