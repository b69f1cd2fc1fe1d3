// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"
#include "event/sink.h"

namespace vedette::cmd {

// `vedette detect`: rules over logs, alerts out.
Command detect_command();

// What a run's end means: `blocked` wins over partial; docs/exit-codes.md.
ExitCode exit_code_of(const event::Summary& summary, bool blocked);

// What was skipped or lost, as lines for a person; empty when nothing was.
std::string loss_report(const event::Summary& summary);

}  // namespace vedette::cmd
