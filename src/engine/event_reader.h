// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/event_fields.h"
#include "engine/detect_run.h"
#include "event/source.h"
#include "rules/logsource.h"

namespace vedette::engine {

// One event of an input with all its fields.
struct ReadEvent {
  std::string_view input;
  std::uint64_t record = 0;  // from 1
  const detect::EventFields& fields;
};

// Reads options.inputs and calls `visit` for every event in order, until it returns false.
// Everything of an event is decoded, so this is slow; it serves `rules explain`. Returns what was
// met.
Result<std::vector<event::InputReport>> read_events(
    const DetectOptions& options, const rules::LogSources& log_sources,
    const std::function<bool(const ReadEvent&)>& visit);

}  // namespace vedette::engine
