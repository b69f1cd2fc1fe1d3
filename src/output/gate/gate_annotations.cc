// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>

#include "output/finding/finding_text.h"
#include "output/gate/finding_task.h"
#include "output/gate/gate_formats.h"

namespace vedette::output {
namespace {

using event::Judgement;
using event::Verdict;

// GitHub shows ten annotations of each level of a step, and takes no more.
constexpr std::size_t kAnnotationsMax = 10;
// Azure shows ten of each in a run's summary too, but keeps all with the lines of the log.
constexpr std::size_t kAzureLinesMax = 1000;

struct Escape {
  char from;
  std::string_view to;
};
// github.com/actions/toolkit, packages/core/src/command.ts: of data, and of properties besides.
constexpr std::array<Escape, 5> kGithub = {
    {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}, {':', "%3A"}, {',', "%2C"}}};
constexpr std::size_t kGithubOfData = 3;
// github.com/microsoft/azure-pipelines-agent, docs/design/percentEncoding.md; message and
// properties alike.
constexpr std::array<Escape, 5> kAzure = {
    {{'%', "%AZP25"}, {'\r', "%0D"}, {'\n', "%0A"}, {';', "%3B"}, {']', "%5D"}}};

std::string escaped(std::string_view text, std::span<const Escape> escapes) {
  std::string out;
  for (const char c : text) {
    std::string_view to(&c, 1);
    for (const Escape& one : escapes) {
      if (one.from == c) to = one.to;
    }
    out += to;
  }
  return out;
}

std::string message_of(const Judgement& one) {
  std::string text = visible(one.finding->message);
  if (const std::string& what = remediation_of(*one.finding); !what.empty())
    text += "\n" + visible(what);
  if (!one.steps.empty())
    text +=
        fmt::format("\n{}: {}", event::to_string(one.verdict), visible(one.steps.back().clause));
  return text;
}

std::string github_line(const Judgement& one) {
  const event::FindingPlace& place = one.finding->place;
  const auto property = [](std::string_view text) { return escaped(visible(text), kGithub); };
  std::string out =
      fmt::format("::{} file={}", one.verdict == Verdict::kBlock ? "error" : "warning",
                  property(path_from_root(place)));
  if (place.line != 0) {
    const std::uint32_t end = std::max(place.line, place.end_line);
    out += fmt::format(",line={},endLine={}", place.line, end);
    // Columns of several lines are refused.
    if (place.column != 0 && end == place.line)
      out += fmt::format(",col={},endColumn={}", place.column,
                         std::max(place.column, place.end_column));
  }
  return out + fmt::format(",title={}::{}\n", property(title_of(*one.finding->rule)),
                           escaped(message_of(one), std::span(kGithub).first(kGithubOfData)));
}

std::string azure_line(const Judgement& one) {
  const event::FindingPlace& place = one.finding->place;
  std::string out = fmt::format("##vso[task.logissue type={};sourcepath={};",
                                one.verdict == Verdict::kBlock ? "error" : "warning",
                                escaped(visible(path_from_root(place)), kAzure));
  if (place.line != 0) out += fmt::format("linenumber={};", place.line);
  if (place.column != 0) out += fmt::format("columnnumber={};", place.column);
  return out + fmt::format("code={};]{}\n", escaped(visible(one.finding->rule->id), kAzure),
                           escaped(message_of(one), kAzure));
}

}  // namespace

std::string gate_github(const event::GateReport& report, const GateTextOptions& /*options*/) {
  std::string out;
  std::array<std::size_t, event::kVerdictNames.size()> seen{};
  // The report has the gravest first.
  for (const Judgement& one : report.judgements) {
    if (one.verdict < Verdict::kWarn) continue;
    if (++seen[static_cast<std::size_t>(one.verdict)] <= kAnnotationsMax) out += github_line(one);
  }
  for (const Verdict verdict : {Verdict::kBlock, Verdict::kWarn}) {
    const std::size_t count = seen[static_cast<std::size_t>(verdict)];
    if (count > kAnnotationsMax)
      out += fmt::format(
          "::notice title=Vedette::{} more findings: {}; the summary and the report "
          "have them\n",
          count - kAnnotationsMax, event::to_string(verdict));
  }
  if (report.incomplete)
    out +=
        "::notice title=Vedette::something could not be scanned, so that findings may be "
        "missing\n";
  return out;
}

std::string gate_azure(const event::GateReport& report, const GateTextOptions& /*options*/) {
  std::string out;
  std::size_t lines = 0;
  for (const Judgement& one : report.judgements) {
    if (one.verdict < Verdict::kWarn) continue;
    if (++lines <= kAzureLinesMax) out += azure_line(one);
  }
  if (lines > kAzureLinesMax)
    out += fmt::format("##vso[task.logissue type=warning;]{} more findings; the report has them\n",
                       lines - kAzureLinesMax);
  if (report.incomplete)
    out +=
        "##vso[task.logissue type=warning;]something could not be scanned, so that findings may "
        "be missing\n";
  // What blocks fails the step by the exit code.
  if (report.verdict == Verdict::kWarn)
    out += "##vso[task.complete result=SucceededWithIssues;]" + counts_text(report) + "\n";
  return out;
}

}  // namespace vedette::output
