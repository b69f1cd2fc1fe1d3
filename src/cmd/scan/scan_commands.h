// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette scan`: what is about to ship.
Command scan_command();                                     // without its commands
std::vector<Command> scan_commands(std::string_view name);  // as commands_named()

}  // namespace vedette::cmd
