// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What a walk over files must know of git, apart from ignore files' syntax: where a repository's
// data is, which files of ignore rules hold for all of it, and what it tracks.
namespace vedette::ingest {

// What the user's account says; comes in from outside, so that tests do not depend on it.
struct GitAccount {
  std::string home;                  // what "~" stands for
  std::vector<std::string> configs;  // later ones win: the system's, the user's
  std::string ignore_file;           // where no configuration names one; "" for none
};

// The account of this process, by the environment variables that git asks.
GitAccount git_account_of_environment();

struct GitFolder {
  std::string own;     // of this working tree: its index
  std::string shared;  // of all working trees: info/exclude, config; mostly the same
};

// The data of the repository whose working tree has `folder` as its root; nothing where there is no
// such. `folder` may end with a slash.
std::optional<GitFolder> find_git_folder(const std::string& folder);

// The file that core.excludesFile names, or the account's default.
std::string shared_ignore_file(const GitFolder& git, const GitAccount& account);

// The value of core.<name> in a file of git's configuration; files that it includes are not read.
std::optional<std::string> core_setting(std::string_view config, std::string_view name);

// A regular file's text, nothing when it is missing or no such. Never waits, as for a pipe.
Result<std::optional<std::string>> read_regular_file(const std::string& path,
                                                     std::size_t bytes_max);
// The same of a file that is open.
Result<std::optional<std::string>> read_regular_file(int descriptor, const std::string& name,
                                                     std::size_t bytes_max);

// Paths that a repository tracks, sorted by bytes; asked only where something tracked may be
// ignored.
using ListTracked = std::function<Result<std::vector<std::string>>(const GitFolder& git)>;

}  // namespace vedette::ingest
