// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette history add|import|list|show|runs|dismiss|check`.
Command history_command();

// `vedette report`.
Command report_command();

}  // namespace vedette::cmd
