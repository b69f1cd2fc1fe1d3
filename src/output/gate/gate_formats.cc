// SPDX-License-Identifier: Apache-2.0
#include "output/gate/gate_formats.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/json_writer.h"
#include "output/finding/finding_json.h"
#include "output/finding/finding_text.h"
#include "output/gate/stage_formats.h"

namespace vedette::output {
namespace {

constexpr std::array<GateFormat, 5> kFormats = {{
    {"table", "for people: what blocks and warns, why, and what to do", gate_table},
    {"json", "one JSON object with every verdict and its reasons", gate_json},
    {"markdown", "a comment for a pull request, grouped by what to do", gate_markdown},
    {"github", "annotations for GitHub Actions", gate_github},
    {"codequality", "a code quality report for GitLab's merge requests", gate_gitlab},
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
  json.key("new").boolean(one.is_new).key("reasons").begin_array();
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

// What a workflow command takes as data, and as a property.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::span<const GateFormat> gate_formats() { return kFormats; }

Result<std::string> gate_text(std::string_view format, const event::GateReport& report,
                              const GateTextOptions& options) {
  const auto* const row = std::ranges::find(kFormats, format, &GateFormat::name);
  if (row != kFormats.end()) return row->write(report, options);
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
  json.key("version").string(options.version).key("counts").begin_object();
  for (std::size_t i = event::kVerdictNames.size(); i-- > 0;)
    json.key(event::kVerdictNames[i]).number(report.count(static_cast<event::Verdict>(i)));
  json.end_object().key("budgets").begin_array();
  for (const event::BudgetCount& one : report.budgets) {
    json.begin_object().key("name").string(one.name).key("allowed").number(one.allowed);
    json.key("found").number(one.found).key("verdict").string(event::to_string(one.verdict));
    json.end_object();
  }
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

std::string gate_github(const event::GateReport& report, const GateTextOptions& /*options*/) {
  std::string out;
  for (const event::Judgement& one : report.judgements) {
    if (one.verdict < event::Verdict::kWarn) continue;
    const event::Finding& finding = *one.finding;
    const event::FindingPlace& place = finding.place;
    out += fmt::format("::{} file={}", one.verdict == event::Verdict::kBlock ? "error" : "warning",
                       escaped(visible(place.path), true));
    if (place.line != 0) out += fmt::format(",line={},endLine={}", place.line, place.end_line);
    out += fmt::format(",title={}::", escaped(visible(title_of(*finding.rule)), true));
    std::string text = visible(finding.message);
    if (const std::string& what = remediation_of(finding); !what.empty())
      text += "\n" + visible(what);
    if (!one.steps.empty())
      text += fmt::format("\n{}: {}", event::to_string(one.verdict), one.steps.back().clause);
    out += escaped(text, false) + "\n";
  }
  return out;
}

}  // namespace vedette::output
