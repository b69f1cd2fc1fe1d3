// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/json_writer.h"
#include "event/stage.h"

// What the stages of a pipeline did, as text.
namespace vedette::output {

// Aligned columns: seconds, work, files, bytes, what was known, what was skipped, and why a stage
// is not done. Empty without stages.
std::string stage_table(std::span<const event::StageRecord> stages);

// An array of objects.
void append_stages(std::span<const event::StageRecord> stages, JsonWriter& json);

// The trace event format that Chrome and Perfetto show: a row for each slot, and one for each stage
// from its begin to its end.
std::string chrome_trace(std::span<const event::StageRecord> stages,
                         std::span<const event::StageSpan> spans, std::uint64_t spans_lost);

}  // namespace vedette::output
