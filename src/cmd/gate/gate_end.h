// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "cmd/command_line.h"
#include "event/verdict.h"

// What commands that end with a verdict share.
namespace vedette::cmd {

// Of --now; empty: the clock's.
Result<TimeNs> judging_time(const std::string& text);

// On stderr.
void print_problems(const std::vector<Diagnostic>& problems);

ExitCode exit_code_of(const event::GateReport& report);

// To a file, whole or not at all; empty or "-": standard output.
Result<void> write_text(std::string_view text, const std::string& path);

}  // namespace vedette::cmd
