// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/programme.h"
#include "event/verdict.h"
#include "formats/findings/finding_report.h"

// What `vedette gate --format json` writes, read back, and what a pipeline says of its stages.
namespace vedette::formats::findings {

// Moved, never copied: its judgements point to its findings.
struct GateDocument {
  GateDocument() = default;
  GateDocument(GateDocument&&) noexcept = default;
  GateDocument& operator=(GateDocument&&) noexcept = default;
  GateDocument(const GateDocument&) = delete;
  GateDocument& operator=(const GateDocument&) = delete;
  ~GateDocument() = default;

  FindingReport findings;
  // Without budgets, problems and what would change a verdict.
  event::GateReport report;
};

// What cannot be read whole is an Error with its place.
Result<GateDocument> read_gate_report(std::string_view text, const std::string& name,
                                      const Limits& limits);

// {"stages": [{"scanner": "secrets", "seconds": 1.25, "complete": true}]}; other keys are for
// others. A scanner that has several stages has the sum of their seconds.
Result<std::vector<event::ScannerRun>> read_stages(std::string_view text, const std::string& name,
                                                   const Limits& limits);

}  // namespace vedette::formats::findings
