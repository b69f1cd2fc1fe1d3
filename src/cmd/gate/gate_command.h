// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette gate [REPORT...]`, `gate lint`, `gate default`, `gate schema`.
Command gate_command();

// `vedette waive FINDING`.
Command waive_command();

}  // namespace vedette::cmd
