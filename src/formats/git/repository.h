// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "formats/git/object_id.h"

namespace vedette::formats::git {

struct Remote {
  std::string name;
  std::string url;  // without what stands before an '@': it may hold a password
};

// Where a repository's parts are, and what its configuration says of their format. Nothing that it
// holds is run: no hook, no filter, no pager.
struct Repository {
  std::string work_folder;    // "" for a bare one
  std::string git_folder;     // HEAD and index of this worktree
  std::string common_folder;  // refs and objects of all worktrees
  HashKind hash = HashKind::kSha1;
  bool partial = false;  // a remote promises objects that are not here
  std::vector<Remote> remotes;
  std::vector<ObjectId> shallow;  // commits whose parents were not fetched, sorted
};

// The repository that holds `path`: its worktree, a folder in it, its .git or a bare one.
// kNotFound; kUnsupported when it stores its refs as a reftable or names objects by an unknown
// hash.
Result<Repository> open_repository(const std::string& path);

struct Ref {
  std::string name;  // "refs/heads/main", "HEAD"
  ObjectId id;
};

// What the references of a repository say.
struct Refs {
  std::vector<Ref> refs;         // sorted by name, without HEAD
  Ref head;                      // its name is the branch's, or "HEAD" when it is detached
  std::vector<ObjectId> logged;  // of reflogs and of other worktrees' HEADs, sorted, each once
  std::vector<Diagnostic> problems;
};

// Reads loose and packed references and reflogs. At most kRefsMax of each kind; a damaged file
// costs itself.
inline constexpr std::size_t kRefsMax = 4'000'000;
Refs read_refs(const Repository& repository);

// HEAD alone: cheap however many references there are. A zero id on a branch without commit.
Result<Ref> read_head(const Repository& repository);

}  // namespace vedette::formats::git
