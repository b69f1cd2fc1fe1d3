// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"
#include "event/finding_sink.h"

namespace vedette::cmd {

// `vedette scan packages`: what a source tree depends on.
Command package_command();
// `vedette scan sbom`: what a bill of materials names.
Command sbom_command();

// Says on stderr what was lost of packages or an image; whether anything was.
bool print_losses(const event::ScanSummary& summary, bool quiet);

}  // namespace vedette::cmd
