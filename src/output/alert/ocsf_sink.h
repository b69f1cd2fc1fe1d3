// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// ocsf: one Detection Finding (class 2004, activity Create) a line, after version 1.9.0 of the Open
// Cybersecurity Schema Framework. `time` is when the finding was made (SinkOptions::now), the
// event's own times are start_time and end_time; fields with no place in the schema stand in
// evidences[].data (why the rule matched) and unmapped (input, record, the event when asked for).
Result<std::unique_ptr<event::Sink>> make_ocsf_sink(const SinkOptions& options);

}  // namespace vedette::output
