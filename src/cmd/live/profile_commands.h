// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette profile`: what `vedette watch` observes besides rules, of captures, without privileges.
Command profile_command();

}  // namespace vedette::cmd
