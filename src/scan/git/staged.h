// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "formats/git/object_id.h"
#include "scan/content.h"
#include "scan/git/losses.h"

namespace vedette::scan::git {

// A file whose staged content differs from that of HEAD.
struct StagedFile {
  std::string path;  // from the worktree's root
  formats::git::ObjectId blob;
  formats::git::HashKind hash = formats::git::HashKind::kSha1;
  std::string_view bytes;             // during the call only
  std::vector<Content::Lines> lines;  // that HEAD's file does not have; never empty
};

struct StagedResult {
  std::uint64_t files = 0;  // that differ
  Losses losses;
  std::vector<Diagnostic> problems;
};

// Hands each staged file with new lines to `act`, by path. Folders that are as in HEAD are not
// entered where the index knows their tree, so the cost is that of the change, besides reading the
// index. A file that only got another name has nothing new; links and submodules are no files.
// Larger blobs than `blob_bytes_max` are lost, and counted. `index_file`: "" for the repository's
// own; `git commit -a` gives its hooks another one (GIT_INDEX_FILE).
Result<StagedResult> read_staged(const std::string& repository, const std::string& index_file,
                                 std::uint64_t blob_bytes_max,
                                 const std::function<void(const StagedFile&)>& act);

}  // namespace vedette::scan::git
