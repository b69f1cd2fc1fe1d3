// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cmd/command_line.h"

namespace vedette::cmd {

// A completion script for "bash", "zsh" or "fish", made from the rows of the whole command line.
std::string completion_script(const Command& root, const std::string& shell);

// `vedette completion SHELL`; `root` is asked when it runs.
Command completion_command(std::function<Command()> root);

}  // namespace vedette::cmd
