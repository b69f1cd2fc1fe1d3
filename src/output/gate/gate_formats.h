// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/verdict.h"
#include "output/gate/log_commands.h"

// The formats in which a verdict is written. One row of the table in gate_formats.cc for each.
namespace vedette::output {

// Which of several gates a comment is of: letters, digits, "-", "_" and ".".
inline constexpr std::string_view kCommentName = "main";

struct GateTextOptions {
  bool colour = false;   // table: escape sequences
  bool explain = false;  // table: every clause that had a say, and all that would change it
  std::string version;   // of this program
  // Markdown: comments of one request with different names are different comments.
  std::string name = std::string(kCommentName);
  std::size_t bytes_max = 65'536;  // Markdown: what the service takes; GitHub's
};

struct GateFormat {
  std::string_view name;
  std::string_view help;  // one line
  LogText text;
  std::string (*write)(const event::GateReport& report, const GateTextOptions& options);
};

// All formats, in the order in which --help lists them.
std::span<const GateFormat> gate_formats();

// What the row writes, without_log_commands(). ErrorCode::kInvalid with the known names when there
// is none such.
Result<std::string> gate_text(std::string_view format, const event::GateReport& report,
                              const GateTextOptions& options);

std::string gate_table(const event::GateReport& report, const GateTextOptions& options);
std::string gate_json(const event::GateReport& report, const GateTextOptions& options);
// One comment of a pull request, at most GateTextOptions::bytes_max; its first line is
// comment_mark(), by which it is found again.
std::string gate_markdown(const event::GateReport& report, const GateTextOptions& options);
std::string comment_mark(std::string_view name);
// The same for GITHUB_STEP_SUMMARY, without the mark; all of a step may have 1 MiB.
std::string gate_summary(const event::GateReport& report, const GateTextOptions& options);
inline constexpr std::string_view kSummaryFormat = "summary";
inline constexpr std::size_t kSummaryBytesMax = 500'000;
// Workflow commands of GitHub Actions: annotations of the gravest findings that block or warn.
std::string gate_github(const event::GateReport& report, const GateTextOptions& options);
// Logging commands of Azure Pipelines.
std::string gate_azure(const event::GateReport& report, const GateTextOptions& options);
// For code scanning services: all findings.
std::string gate_sarif(const event::GateReport& report, const GateTextOptions& options);
// All findings: a test each, and one of the verdict.
std::string gate_junit(const event::GateReport& report, const GateTextOptions& options);
// GitLab's security reports: vulnerabilities, and secrets, but for what is accepted.
std::string gate_gitlab_dependencies(const event::GateReport& report,
                                     const GateTextOptions& options);
std::string gate_gitlab_secrets(const event::GateReport& report, const GateTextOptions& options);
// GitLab's code quality report: what blocks or warns, for `artifacts: reports: codequality`.
std::string gate_gitlab(const event::GateReport& report, const GateTextOptions& options);

// "2 block, 3 warn, 9 tracked, 1 allowed"
std::string counts_text(const event::GateReport& report);

}  // namespace vedette::output
