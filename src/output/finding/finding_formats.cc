// SPDX-License-Identifier: Apache-2.0
#include "output/finding/finding_formats.h"

#include <algorithm>
#include <array>

namespace vedette::output {
namespace {

constexpr std::array<FindingFormat, 11> kFormats = {{
    {"table", "for people: by file, with the line and a mark", make_finding_table},
    {"ndjson", "one JSON object a line", make_finding_ndjson},
    {"json", "one JSON object with findings and summary", make_finding_json},
    {"csv", "RFC 4180 with a header, for spreadsheets", make_finding_csv},
    {"sarif", "SARIF 2.1.0 for code scanning services", make_finding_sarif},
    {"ocsf", "OCSF Detection Findings (class 2004), one a line", make_finding_ocsf},
    {"junit", "JUnit XML: a test that fails for each finding", make_finding_junit},
    {"gitlab", "GitLab's secret detection report", make_finding_gitlab},
    {"openvex", "OpenVEX 0.2.0: a statement for each vulnerability", make_finding_openvex, true},
    {"csaf", "CSAF 2.0 (csaf_vex): vulnerabilities and what is said of packages", make_finding_csaf,
     true},
    {"html", "one self-contained page to search and filter", make_finding_html},
}};

}  // namespace

std::span<const FindingFormat> finding_formats() { return kFormats; }

Result<std::unique_ptr<event::FindingSink>> make_finding_sink(std::string_view format,
                                                              const FindingSinkOptions& options) {
  const auto* const row = std::ranges::find(kFormats, format, &FindingFormat::name);
  if (row != kFormats.end() && row->only_vulnerabilities &&
      options.kind != event::FindingClass::kVulnerability) {
    return failure(ErrorCode::kInvalid, "expected vulnerabilities (--db FILE) for the format " +
                                            std::string(format) + ", found none");
  }
  if (row != kFormats.end()) return row->make(options);
  std::string known;
  for (const FindingFormat& each : kFormats) (known += known.empty() ? "" : ", ") += each.name;
  return failure(ErrorCode::kInvalid,
                 "expected a format out of " + known + ", found \"" + std::string(format) + '"');
}

}  // namespace vedette::output
