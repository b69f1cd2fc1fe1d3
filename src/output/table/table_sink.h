// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// table: one aligned line an alert for a person: level, time, rule, host and what it was about,
// fitted to options.width; at the end the counts by level, the rate, and what was skipped and why.
// Lines are written as alerts come, so column widths are fixed beforehand.
Result<std::unique_ptr<event::Sink>> make_table_sink(const SinkOptions& options);

}  // namespace vedette::output
