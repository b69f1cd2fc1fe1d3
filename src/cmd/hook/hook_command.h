// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette hook`: scans before each commit, or each push.
Command hook_command();

}  // namespace vedette::cmd
