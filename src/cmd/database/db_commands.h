// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette db`: the vulnerability database.
Command db_command();

// Where it lies unless --db says otherwise; empty where there is no such place.
std::string default_database();

}  // namespace vedette::cmd
