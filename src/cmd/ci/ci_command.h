// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette ci`.
Command ci_command();

}  // namespace vedette::cmd
