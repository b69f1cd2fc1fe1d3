// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/finding.h"
#include "formats/git/object_id.h"
#include "formats/git/repository.h"

namespace vedette::scan::git {

// What leads to some blobs: where whoever fetches a repository gets them from.
struct Reach {
  struct Name {
    std::string name;        // "refs/heads/main"; "HEAD" when it is detached
    bool holds_now = false;  // one of the blobs stands in its tree, not only behind it
  };
  std::vector<Name> names;  // HEAD, then references by name; only those that lead to a blob
  struct File {
    std::string path;
    formats::git::ObjectId blob;
  };
  std::vector<File> head_files;  // of HEAD that are one of the blobs, by path
  static constexpr std::size_t kHeadFilesMax = 100;
  bool in_reflogs = false;    // reflogs or other worktrees lead to a blob
  std::uint64_t commits = 0;  // whose trees hold one of the blobs
  // Commits that have one of the blobs though no parent has, the oldest first, at most kBroughtMax
  // of all; those below which a shallow clone lacks the rest are among them.
  std::vector<event::FindingCommit> brought;
  std::uint64_t brought_count = 0;
  static constexpr std::size_t kBroughtMax = 20;
  // Commits that have none of the blobs though a parent has, the newest first, at most kGoneMax.
  std::vector<event::FindingCommit> gone;
  static constexpr std::size_t kGoneMax = 5;
};

// Reads each commit and tree that any reference or reflog leads to once; what cannot be read leads
// nowhere. Memory is about 60 bytes for each commit and one for each object.
Result<Reach> find_reach(const formats::git::Repository& repository,
                         const std::vector<formats::git::ObjectId>& blobs);

}  // namespace vedette::scan::git
