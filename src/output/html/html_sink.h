// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// html: one file that needs nothing else: style, script and data stand inside, and a content
// security policy forbids every request. Alerts are written as they come, as rows of JSON that the
// script reads; what a person without scripts can read (counts, the gravest alerts) is HTML. Very
// long runs are bounded (report_data.h) and the report says what it left out.
Result<std::unique_ptr<event::Sink>> make_html_sink(const SinkOptions& options);

}  // namespace vedette::output
