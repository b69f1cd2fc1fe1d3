// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/tracked_files.h"

#include <algorithm>

#include "base/file.h"
#include "formats/git/index_file.h"
#include "formats/git/repository.h"

namespace vedette::engine {

namespace {

constexpr std::size_t kIndexBytesMax = std::size_t{512} << 20;

}  // namespace

Result<std::vector<std::string>> list_tracked_files(const ingest::GitFolder& git) {
  TRY(const formats::git::Repository repository, formats::git::open_repository(git.own));
  const Result<std::string> bytes = read_file(git.own + "/index", kIndexBytesMax);
  std::vector<std::string> paths;
  if (!bytes) {
    // Nothing was ever added.
    if (bytes.error().code == ErrorCode::kNotFound) return paths;
    return std::unexpected(bytes.error());
  }
  TRY(const formats::git::IndexFile index, formats::git::parse_index_file(*bytes, repository.hash));
  for (const formats::git::IndexFile::Entry& entry : index.entries) {
    // A path that waits for a merge stands there up to three times.
    if (paths.empty() || paths.back() != entry.path) paths.emplace_back(entry.path);
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace vedette::engine
