// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "ingest/git_folder.h"
#include "ingest/ignore_rules.h"

namespace vedette::ingest {

constexpr std::string_view kGitIgnoreFile = ".gitignore";
constexpr std::string_view kOwnIgnoreFile = ".vedetteignore";

// An ignore file beyond these is not applied, and said: more is looked at then, not less.
constexpr std::size_t kIgnoreBytesMax = std::size_t{1} << 20;
// Of all that hold in one folder.
constexpr std::size_t kIgnoreBytesInAllMax = std::size_t{4} << 20;

struct IgnoreOptions {
  bool git = true;  // what git ignores is passed over
  // Links of a Hugging Face cache (models--*/snapshots/*/* into its blobs) are the files that they
  // lead to. Its blobs are listed besides.
  bool blob_links = false;
  std::vector<std::string> excludes;  // patterns as in an ignore file at the target
  GitAccount account;
  ListTracked list_tracked;  // empty: nothing is known to be tracked
};

enum class Ignored : std::uint8_t {
  kNot,
  kByGit,
  kByOwnFile,
  kByExclude,
  // A folder that git ignores, but tracks files below: these are all that counts in it.
  kButTracked,
};

// A repository that a walk came upon. One thread at a time.
class IgnoreRepository {
 public:
  // `base`: how long the path of its root is, see IgnoreScope.
  IgnoreRepository(GitFolder git, std::size_t base, const IgnoreOptions& options,
                   std::vector<Diagnostic>& problems);

  std::size_t base() const { return base_; }
  IgnoreVerdict judge(std::string_view path, EntryKind kind) const;
  // For a folder: whether something below it is tracked. Reads the list when asked first.
  bool tracks(std::string_view path, EntryKind kind, std::vector<Diagnostic>& problems);

 private:
  GitFolder git_;
  std::size_t base_;
  const IgnoreOptions& options_;  // outlives this
  IgnoreRules exclude_;           // info/exclude
  IgnoreRules account_;           // core.excludesFile
  bool listed_ = false;
  std::vector<std::string> tracked_;
};

// The ignore files that hold in a folder: its own, then those of the folders above, up to the
// repository's root, or for our own files up to the uppermost folder that is known. Paths are
// relative to that uppermost folder. Immutable but for the repository.
class IgnoreScope {
 public:
  // What one folder says.
  struct Folder {
    std::size_t base = 0;  // how long its path is, with its slash; 0 for the uppermost
    IgnoreRules git;
    IgnoreRules own;
    std::shared_ptr<IgnoreRepository> root_of;  // null: it is no repository's root
  };
  static std::shared_ptr<const IgnoreScope> extend(std::shared_ptr<const IgnoreScope> above,
                                                   Folder folder);

  Ignored judge(std::string_view path, EntryKind kind, std::vector<Diagnostic>& problems) const;
  // Of the ignore files that hold here, those above included.
  std::size_t source_bytes() const { return source_bytes_; }

  // For entries of a folder that was kButTracked.
  bool tracks(std::string_view path, EntryKind kind, std::vector<Diagnostic>& problems) const;

 private:
  IgnoreVerdict judge_own(std::string_view path, EntryKind kind) const;
  IgnoreVerdict judge_git(std::string_view path, EntryKind kind) const;

  std::shared_ptr<const IgnoreScope> above_;
  Folder folder_;
  std::shared_ptr<IgnoreRepository> repository_;  // the folder is in; null: in none
  std::size_t source_bytes_ = 0;
};

}  // namespace vedette::ingest
