// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette scan packages`: what a source tree depends on.
Command package_command();
// `vedette scan sbom`: what a bill of materials names.
Command sbom_command();

}  // namespace vedette::cmd
