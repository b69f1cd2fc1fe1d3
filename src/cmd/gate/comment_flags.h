// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/command_line.h"
#include "engine/comment/comment_settings.h"
#include "event/verdict.h"

// The comment in a pull or merge request, for all commands that end in a verdict.
namespace vedette::cmd {

struct CommentFlags {
  engine::CommentSettings settings;  // `forge` is empty where none is asked for
  std::string name;
  bool dry_run = false;

  bool is_asked() const { return !settings.forge.empty(); }
};

// "--comment" and what belongs to it. `flags` outlives the rows.
std::vector<Flag> comment_flags(CommentFlags& flags);

// What is wrong with the flags themselves; to be asked before any work is done.
Result<void> check_comment_flags(const CommentFlags& flags);

// Posts the comment, or prints what would be sent, and says on standard error what came of it. The
// exit code: `code`, which the verdict has, but kExitPartial in place of kExitClean where the
// comment could not be posted.
int with_comment(const CommentFlags& flags, const event::GateReport& report, int code);

}  // namespace vedette::cmd
