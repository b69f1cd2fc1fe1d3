// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

// The commands of vedette-agent.
namespace vedette::cmd {

// What ends a run whose stage is stuck; whoever started it starts it anew.
inline constexpr int kExitStuck = 75;

Command agent_run_command();
Command agent_check_command();
Command agent_status_command();

}  // namespace vedette::cmd
