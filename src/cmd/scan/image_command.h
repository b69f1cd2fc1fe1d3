// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette scan image`: packages and secrets of a stored image or a root file system.
Command image_command();

}  // namespace vedette::cmd
