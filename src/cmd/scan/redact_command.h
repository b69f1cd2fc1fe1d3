// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette redact`: standard input to standard output, with secrets masked.
Command redact_command();

}  // namespace vedette::cmd
