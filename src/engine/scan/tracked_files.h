// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/git_folder.h"

namespace vedette::engine {

// The paths in a repository's index, sorted: what a walk looks at although it is ignored.
Result<std::vector<std::string>> list_tracked_files(const ingest::GitFolder& git);

}  // namespace vedette::engine
