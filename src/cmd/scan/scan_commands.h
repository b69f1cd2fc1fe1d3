// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette scan`: what is about to ship.
Command scan_command();

}  // namespace vedette::cmd
