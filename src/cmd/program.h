// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// What main() does in each of our programs: runs the command that the arguments choose, or prints
// help, version or what is wrong with them. The exit code.
int run_program(const Command& root, int argc, char** argv);

}  // namespace vedette::cmd
