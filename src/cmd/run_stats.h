// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "event/sink.h"

namespace vedette::cmd {

// What --stats writes: one JSON object, described in docs/outputs.md.
std::string run_stats(const event::Summary& summary);

}  // namespace vedette::cmd
