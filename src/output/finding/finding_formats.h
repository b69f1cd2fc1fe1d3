// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "event/finding_sink.h"
#include "output/writer.h"

// The formats in which findings are written. One row of the table in finding_formats.cc for each.
namespace vedette::output {

struct FindingSinkOptions {
  Writer& writer;            // outlives the sink; its finish() is called by the sink's
  bool colour = false;       // table: escape sequences
  bool evidence = false;     // table: why each finding is believed
  bool suppressed = false;   // table: shows also what statements of producers (VEX) suppress
  unsigned width = 0;        // table: columns of the terminal; 0: lines as long as they need
  std::string version = {};  // of this program
  TimeNs now = 0;            // when the run began; 0: unknown
  // SARIF: the folder that relative paths start from, as "file:///home/a/project/"; "": not told.
  std::string base_uri = {};
  // Of all findings: GitLab has a report for each class, a table of vulnerabilities goes by
  // upgrade.
  event::FindingClass kind = event::FindingClass::kDetection;
};

struct FindingFormat {
  std::string_view name;
  std::string_view help;  // one line
  std::unique_ptr<event::FindingSink> (*make)(const FindingSinkOptions& options);
  bool only_vulnerabilities = false;  // has no place for other findings
};

// All formats, in the order in which --help lists them.
std::span<const FindingFormat> finding_formats();

// ErrorCode::kInvalid with the known names when there is none such.
Result<std::unique_ptr<event::FindingSink>> make_finding_sink(std::string_view format,
                                                              const FindingSinkOptions& options);

std::unique_ptr<event::FindingSink> make_finding_table(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_upgrade_table(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_ndjson(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_json(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_csv(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_sarif(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_ocsf(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_junit(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_gitlab(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_openvex(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_csaf(const FindingSinkOptions& options);
std::unique_ptr<event::FindingSink> make_finding_html(const FindingSinkOptions& options);

}  // namespace vedette::output
