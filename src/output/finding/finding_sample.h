// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "event/finding_sink.h"

// For tests: one fixed scan with every kind of finding and with text that wants to break its
// reader.
namespace vedette::output {

std::vector<event::Finding> sample_findings();
event::ScanSummary sample_summary();
// The same for vulnerabilities in packages.
std::vector<event::Finding> sample_vulnerabilities();

// A finding of a rule of the sample; its identity is made of `number`.
event::Finding sample_finding(event::Level severity, unsigned number);

}  // namespace vedette::output
