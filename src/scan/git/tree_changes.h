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
#include "formats/git/repository.h"

namespace vedette::scan::git {

// A regular file that two commits have in different versions. Zero ids: not there. Links and
// submodules are no files; a file that got another name is gone from one path and new at another.
struct TreeChange {
  std::string path;  // from the repository's root
  formats::git::ObjectId before;
  formats::git::ObjectId after;
};

// What lies between two commits.
struct TreeChanges {
  formats::git::Repository repository;
  std::string base;  // hexadecimal: the newest commit that both have in their histories
  std::string head;
  std::vector<TreeChange> files;  // by path
  // Trees that could not be read: what is below them is not among the files.
  std::vector<Diagnostic> losses;
  static constexpr std::size_t kFilesMax = 2'000'000;
  static constexpr std::size_t kLossesMax = 100;
};

// From where the histories of `base` and `head` part to `head`, as a pull request shows it. Both
// are revisions as find_revision() takes them. kNotFound where one is not in the clone, or where a
// shallow clone ends before the histories meet; kLimit beyond kFilesMax.
Result<TreeChanges> changes_between(const std::string& repository, const std::string& base,
                                    const std::string& head);

// From HEAD to what is staged; only files with new lines. `index_file`: see read_staged().
Result<TreeChanges> staged_changes(const std::string& repository, const std::string& index_file);

// The commit that HEAD is, hexadecimal; empty on a branch without a commit.
Result<std::string> head_commit(const std::string& repository);

// Hands the files as they were before the change to `act`, by path: those that differ, and `others`
// (paths). What was not there then is left out. The losses: what is missing, damaged or larger than
// `bytes_max`.
using ReadBefore = std::function<void(const std::string& path, std::string_view bytes)>;
Result<std::vector<Diagnostic>> read_before(const TreeChanges& changes,
                                            const std::vector<std::string>& others,
                                            std::uint64_t bytes_max, const ReadBefore& act);

}  // namespace vedette::scan::git
