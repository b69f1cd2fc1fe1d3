// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "event/finding.h"

// Findings as `vedette scan` writes them with --format json or ndjson, read back, and those of
// others in SARIF 2.1.0 and CycloneDX (JSON, with vulnerabilities).
namespace vedette::formats::findings {

// Moved, never copied: its findings point to its rules.
struct FindingReport {
  FindingReport() = default;
  FindingReport(FindingReport&&) noexcept = default;
  FindingReport& operator=(FindingReport&&) noexcept = default;
  FindingReport(const FindingReport&) = delete;
  FindingReport& operator=(const FindingReport&) = delete;
  ~FindingReport() = default;

  std::string name;                      // as given
  std::string scanner;                   // "secrets"; empty where the report does not tell (ndjson)
  std::deque<event::FindingRule> rules;  // what the findings point to
  std::vector<event::Finding> findings;
  // What the scanner could not look at; ndjson has no place for that.
  std::vector<Diagnostic> losses;
  // What was left out on purpose; it makes the report no less whole.
  std::vector<Diagnostic> notes;
  bool interrupted = false;
  bool is_foreign = false;  // SARIF or CycloneDX: of what nobody tells, nothing is known
};

// What cannot be read whole is an Error with its place: a verdict on a part would be a wrong one.
// An empty text is of no format, a bill of materials in which nobody looked for vulnerabilities no
// report.
Result<FindingReport> read_finding_report(std::string_view text, const std::string& name,
                                          const Limits& limits);

// Bounds for whole reports.
Limits finding_report_limits();

}  // namespace vedette::formats::findings
