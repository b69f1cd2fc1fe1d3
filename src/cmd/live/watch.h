// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette watch`: rules over what the kernel sees, as it happens.
Command watch_command();

}  // namespace vedette::cmd
