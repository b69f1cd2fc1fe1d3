// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "cmd/command_line.h"

// What `vedette history` and `vedette report` share.
namespace vedette::cmd {

Flag store_flag(std::string& store);
// `given`, or the usual file: $XDG_DATA_HOME/vedette/history.db, else below ~/.local/share.
Result<std::string> store_path(const std::string& given);

// `flag` is for the message; empty: `otherwise`.
Result<TimeNs> time_or(const std::string& text, std::string_view flag, TimeNs otherwise);
TimeNs wall_clock();

// To a file that appears whole, or to standard output. The exit code.
int write_text(const std::string& text, const std::string& output);

}  // namespace vedette::cmd
