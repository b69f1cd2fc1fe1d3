// SPDX-License-Identifier: Apache-2.0
#include "output/gate/gate_formats.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/json_writer.h"
#include "output/finding/finding_json.h"
#include "output/gate/stage_formats.h"

namespace vedette::output {
namespace {

constexpr std::array<GateFormat, 11> kFormats = {{
    {"table", "for people: what blocks and warns, why, and what to do", LogText::kPlain,
     gate_table},
    {"json", "one JSON object with every verdict and its reasons", LogText::kJson, gate_json},
    {"markdown", "a comment for a pull request, grouped by what to do", LogText::kMarkup,
     gate_markdown},
    {kSummaryFormat, "the same for GITHUB_STEP_SUMMARY", LogText::kMarkup, gate_summary},
    {"github", "annotations of GitHub Actions, the gravest ten of each level", LogText::kCommands,
     gate_github},
    {"azure", "log commands of Azure Pipelines", LogText::kCommands, gate_azure},
    {"sarif", "SARIF 2.1.0: levels by verdict, suppressed what is accepted", LogText::kJson,
     gate_sarif},
    {"junit", "JUnit XML for Jenkins and Azure: what blocks fails", LogText::kMarkup, gate_junit},
    {"codequality", "a code quality report for GitLab's merge requests", LogText::kJson,
     gate_gitlab},
    {"gitlab-dependencies", "GitLab's dependency scanning report", LogText::kJson,
     gate_gitlab_dependencies},
    {"gitlab-secrets", "GitLab's secret detection report", LogText::kJson, gate_gitlab_secrets},
}};

void append_problems(const std::vector<Diagnostic>& problems, JsonWriter& json) {
  json.key("problems").begin_array();
  for (const Diagnostic& one : problems) {
    json.begin_object().key("place").string(to_string(one.place));
    json.key("message").string(one.message);
    if (!one.hint.empty()) json.key("hint").string(one.hint);
    json.end_object();
  }
  json.end_array();
}

void append_judgement(const event::Judgement& one, JsonWriter& json) {
  json.begin_object().key("verdict").string(event::to_string(one.verdict));
  json.key("new").boolean(one.is_new).key("scanner").string(one.scanner);
  if (one.exception != event::Exception::kNone)
    json.key("exception").string(event::to_string(one.exception));
  json.key("reasons").begin_array();
  for (const event::VerdictStep& step : one.steps) {
    json.begin_object().key("clause").string(step.clause).key("reason").string(step.reason);
    if (!step.place.file.empty()) json.key("place").string(to_string(step.place));
    json.key("verdict").string(event::to_string(step.after)).end_object();
  }
  json.end_array().key("changes").begin_array();
  for (const event::VerdictChange& change : one.changes) {
    json.begin_object().key("verdict").string(event::to_string(change.verdict));
    json.key("condition").string(change.condition).end_object();
  }
  json.end_array().key("finding");
  append_finding(*one.finding, json);
  json.end_object();
}

}  // namespace

std::span<const GateFormat> gate_formats() { return kFormats; }

Result<std::string> gate_text(std::string_view format, const event::GateReport& report,
                              const GateTextOptions& options) {
  const auto* const row = std::ranges::find(kFormats, format, &GateFormat::name);
  if (row != kFormats.end()) return without_log_commands(row->write(report, options), row->text);
  std::string known;
  for (const GateFormat& each : kFormats) (known += known.empty() ? "" : ", ") += each.name;
  return failure(ErrorCode::kInvalid,
                 "expected a format out of " + known + ", found \"" + std::string(format) + '"');
}

std::string counts_text(const event::GateReport& report) {
  using event::Verdict;
  return fmt::format("{} block, {} warn, {} tracked, {} allowed", report.count(Verdict::kBlock),
                     report.count(Verdict::kWarn), report.count(Verdict::kTrack),
                     report.count(Verdict::kAllow));
}

std::string gate_json(const event::GateReport& report, const GateTextOptions& options) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("verdict").string(event::to_string(report.verdict));
  json.key("incomplete").boolean(report.incomplete);
  json.key("policy").string(report.policy).key("time").string(format_time(report.now));
  if (!report.environment.empty()) json.key("environment").string(report.environment);
  json.key("compared_with_base").boolean(report.has_base);
  json.key("fixed").begin_array();
  for (const event::FixedFinding& one : report.fixed) {
    json.begin_object().key("identity").string(one.identity).key("title").string(one.title);
    json.key("path").string(one.path).end_object();
  }
  json.end_array().key("version").string(options.version).key("counts").begin_object();
  for (std::size_t i = event::kVerdictNames.size(); i-- > 0;)
    json.key(event::kVerdictNames[i]).number(report.count(static_cast<event::Verdict>(i)));
  json.end_object().key("budgets").begin_array();
  for (const event::BudgetCount& one : report.budgets) {
    json.begin_object().key("name").string(one.name).key("allowed").number(one.allowed);
    json.key("found").number(one.found).key("verdict").string(event::to_string(one.verdict));
    json.end_object();
  }
  json.end_array().key("scanners").begin_array();
  for (const event::GateScanner& one : report.scanners)
    json.begin_object()
        .key("name")
        .string(one.name)
        .key("complete")
        .boolean(one.complete)
        .end_object();
  json.end_array();
  append_problems(report.problems, json);
  if (!report.stages.empty()) {
    json.key("stages");
    append_stages(report.stages, json);
  }
  json.key("judgements").begin_array();
  for (const event::Judgement& one : report.judgements) append_judgement(one, json);
  json.end_array().end_object();
  out += '\n';
  return out;
}

}  // namespace vedette::output
