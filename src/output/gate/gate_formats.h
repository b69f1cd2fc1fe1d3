// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/verdict.h"

// The formats in which a verdict is written. One row of the table in gate_formats.cc for each.
namespace vedette::output {

struct GateTextOptions {
  bool colour = false;   // table: escape sequences
  bool explain = false;  // table: every clause that had a say, and all that would change it
  std::string version;   // of this program
};

struct GateFormat {
  std::string_view name;
  std::string_view help;  // one line
  std::string (*write)(const event::GateReport& report, const GateTextOptions& options);
};

// All formats, in the order in which --help lists them.
std::span<const GateFormat> gate_formats();

// ErrorCode::kInvalid with the known names when there is none such.
Result<std::string> gate_text(std::string_view format, const event::GateReport& report,
                              const GateTextOptions& options);

std::string gate_table(const event::GateReport& report, const GateTextOptions& options);
std::string gate_json(const event::GateReport& report, const GateTextOptions& options);
// One comment of a pull request; its first line is a mark by which it is found again.
std::string gate_markdown(const event::GateReport& report, const GateTextOptions& options);
inline constexpr std::string_view kCommentMark = "<!-- vedette-gate -->";
// Workflow commands of GitHub Actions: an annotation for each finding that blocks or warns.
std::string gate_github(const event::GateReport& report, const GateTextOptions& options);
// GitLab's code quality report: the same findings, for `artifacts: reports: codequality`.
std::string gate_gitlab(const event::GateReport& report, const GateTextOptions& options);

// "2 block, 3 warn, 9 tracked, 1 allowed"
std::string counts_text(const event::GateReport& report);

}  // namespace vedette::output
