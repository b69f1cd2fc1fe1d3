// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette scan model`: what loading a model would do.
Command model_command();

}  // namespace vedette::cmd
