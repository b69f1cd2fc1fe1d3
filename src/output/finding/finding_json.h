// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_writer.h"
#include "event/finding_sink.h"

// Findings and summaries as JSON objects; docs/scan-secrets.md describes the keys. Keys are added,
// never renamed or given another meaning.
namespace vedette::output {

void append_finding(const event::Finding& finding, JsonWriter& json);
void append_scan_summary(const event::ScanSummary& summary, JsonWriter& json);

}  // namespace vedette::output
