// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// ndjson: one object (alert_json.h) a line, nothing else.
Result<std::unique_ptr<event::Sink>> make_ndjson_sink(const SinkOptions& options);

// json: {"alerts": [...], "summary": {...}}, one alert a line, written as it comes.
Result<std::unique_ptr<event::Sink>> make_json_sink(const SinkOptions& options);

}  // namespace vedette::output
