// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "ingest/git_folder.h"

// Hooks of git that call this program.
namespace vedette::engine {

enum class HookKind : std::uint8_t {
  kPreCommit,  // scans what is staged
  kPrePush,    // scans what a push would bring to the remote
};

enum class HookChange : std::uint8_t {
  kInstalled,
  kInstalledBefore,  // in front of another one, which is kept and called first
  kUnchanged,        // it was there already, or there was nothing to remove
  kRemoved,
  kRestored,  // the other one is back
};
struct HookOutcome {
  HookChange change = HookChange::kUnchanged;
  std::string path;  // of the hook
};

struct HookOptions {
  std::string repository = ".";
  HookKind kind = HookKind::kPreCommit;
  std::string program;  // absolute; what the hook calls
  ingest::GitAccount account;
};

// Hooks stand in core.hooksPath where the repository's or the account's configuration has it, else
// with the repository, for all of its worktrees. A hook that is not ours is moved to
// NAME.before-vedette; where there is one already nothing is done (an Error).
Result<HookOutcome> install_hook(const HookOptions& options);
// Removes ours only, and puts back what it stood in front of.
Result<HookOutcome> uninstall_hook(const HookOptions& options);

}  // namespace vedette::engine
