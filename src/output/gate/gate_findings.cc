// SPDX-License-Identifier: Apache-2.0
// Verdicts in the formats of findings.
#include <fmt/format.h>

#include "output/finding/finding_sarif.h"
#include "output/gate/finding_task.h"
#include "output/gate/gate_formats.h"

namespace vedette::output {
namespace {

using event::Judgement;
using event::Verdict;

// In memory nothing can fail.
void take(const Result<void>& written) { CHECK(written.has_value()); }

event::ScanSummary summary_of(const event::GateReport& report) {
  event::ScanSummary summary;
  summary.scanner = "gate";
  summary.interrupted = report.incomplete;
  summary.problems = report.problems;
  return summary;
}

SarifVerdict verdict_of(const Judgement& one, bool has_base) {
  SarifVerdict out;
  out.verdict = one.verdict;
  if (!one.steps.empty()) {
    out.clause = one.steps.back().clause;
    out.reason = one.steps.back().reason;
  }
  if (has_base) out.baseline_state = one.is_new ? "new" : "unchanged";
  return out;
}

std::string gitlab_report(const event::GateReport& report, const GateTextOptions& options,
                          event::FindingClass kind) {
  std::string text;
  Writer writer = Writer::to_string(text);
  const auto sink = make_finding_gitlab(
      {.writer = writer, .version = options.version, .now = report.now, .kind = kind});
  event::Skipped accepted{"findings that are accepted", 0, 0, false, {}};
  for (const Judgement& one : report.judgements) {
    const Task task = task_of(*one.finding);
    const bool wanted = kind == event::FindingClass::kVulnerability
                            ? task == Task::kUpgrade || task == Task::kNoFix
                            : task == Task::kRevoke;
    if (!wanted) continue;
    // The report has no place for them but as false alarms, which they are not.
    if (one.verdict == Verdict::kAllow) {
      ++accepted.count;
      continue;
    }
    event::Finding finding = *one.finding;
    finding.place.path = path_from_root(one.finding->place);
    const SarifVerdict verdict = verdict_of(one, report.has_base);
    finding.message += fmt::format(" ({} by {}: {})", event::to_string(verdict.verdict),
                                   verdict.clause, verdict.reason);
    take(sink->write(finding));
  }
  event::ScanSummary summary = summary_of(report);
  // Else GitLab takes nothing of it; what was lost is among the messages.
  summary.interrupted = false;
  if (accepted.count > 0) summary.skipped.push_back(accepted);
  take(sink->finish(summary));
  return text;
}

}  // namespace

std::string gate_sarif(const event::GateReport& report, const GateTextOptions& options) {
  std::string text;
  Writer writer = Writer::to_string(text);
  const auto sink = make_sarif({.writer = writer, .version = options.version, .now = report.now});
  for (const Judgement& one : report.judgements)
    take(sink->write_judged(*one.finding, verdict_of(one, report.has_base)));
  take(sink->finish(summary_of(report)));
  return text;
}

std::string gate_gitlab_dependencies(const event::GateReport& report,
                                     const GateTextOptions& options) {
  return gitlab_report(report, options, event::FindingClass::kVulnerability);
}

std::string gate_gitlab_secrets(const event::GateReport& report, const GateTextOptions& options) {
  return gitlab_report(report, options, event::FindingClass::kDetection);
}

}  // namespace vedette::output
