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
#include "output/gate/gate_formats.h"

// What commands that end with a verdict share.
namespace vedette::cmd {

// Of --now; empty: the clock's.
Result<TimeNs> judging_time(const std::string& text);

// On stderr.
void print_problems(const std::vector<Diagnostic>& problems);

ExitCode exit_code_of(const event::GateReport& report);

// To a file, whole or not at all; empty or "-": standard output.
Result<void> write_text(std::string_view text, const std::string& path);

// What is written besides: "FORMAT=FILE".
struct WantedReport {
  std::string format;
  std::string path;
};

// A name that is wrong is told before minutes of work.
Result<std::vector<WantedReport>> wanted_reports(const std::vector<std::string>& texts);

// A step's summary is made of what several programs write, and appended to what is there; any other
// file is replaced.
Result<void> write_reports(const std::vector<WantedReport>& wanted, const event::GateReport& report,
                           const output::GateTextOptions& options);

}  // namespace vedette::cmd
