// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/scan/leak.h"

namespace vedette::cmd {

// For a person: since when, where, who could have seen it, and what to do, with commands. Text of
// the repository is made fit for a terminal.
std::string leak_report(const engine::Leak& leak);

}  // namespace vedette::cmd
