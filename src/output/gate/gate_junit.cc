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

struct Suite {
  std::string cases;
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
  std::size_t errors = 0;
};

// What names a group of tests in Jenkins and Azure, in the order of Task.
constexpr std::array<std::string_view, kTaskCount> kNames = {
    "dependencies", "dependencies", "secrets", "models", "code", "waivers"};

std::string text_of(const Judgement& one) {
  std::string text = visible_markup(one.finding->message) + '\n';
  for (const event::VerdictStep& step : one.steps)
    text += visible_markup(fmt::format("{} by {}: {}", event::to_string(step.after), step.clause,
                                       step.reason)) +
            '\n';
  for (const event::VerdictChange& change : one.changes)
    text +=
        visible_markup(fmt::format("{}: {}", event::to_string(change.verdict), change.condition)) +
        '\n';
  return text;
}

// What blocks fails, what is accepted is skipped, the rest passes and is told about.
void append_case(const Judgement& one, Suite& suite) {
  const event::Finding& finding = *one.finding;
  const std::string_view path = path_from_root(finding.place);
  ++suite.tests;
  suite.cases += fmt::format(
      "<testcase classname=\"vedette.{}\" name=\"{}\" file=\"{}\"",
      kNames[static_cast<std::size_t>(task_of(finding))],
      visible_markup(fmt::format("{} at {}", title_of(*finding.rule), place_text(finding.place))),
      visible_markup(path));
  if (finding.place.line != 0) suite.cases += fmt::format(" line=\"{}\"", finding.place.line);
  suite.cases += '>';
  if (one.verdict == Verdict::kBlock) {
    ++suite.failures;
    suite.cases += fmt::format("<failure type=\"{}\" message=\"{}\">{}</failure>",
                               event::to_string(finding.severity), visible_markup(finding.message),
                               text_of(one));
  } else if (one.verdict == Verdict::kAllow) {
    ++suite.skipped;
    suite.cases += fmt::format("<skipped message=\"{}\"/>",
                               visible_markup(one.steps.empty() ? std::string()
                                                                : one.steps.back().clause + ": " +
                                                                      one.steps.back().reason));
  } else {
    suite.cases += fmt::format("<system-out>{}</system-out>", text_of(one));
  }
  suite.cases += "</testcase>\n";
}

// The verdict as a test of its own: budgets and what was not scanned belong to no finding.
void append_whole(const event::GateReport& report, Suite& suite) {
  ++suite.tests;
  suite.cases += fmt::format("<testcase classname=\"vedette\" name=\"verdict: {}\">",
                             event::to_string(report.verdict));
  std::string text = counts_text(report) + '\n';
  for (const event::BudgetCount& one : report.budgets)
    text +=
        visible_markup(fmt::format("budget {}: {} of {}", one.name, one.found, one.allowed)) + '\n';
  for (const Diagnostic& one : report.problems)
    text += visible_markup(to_string(one.place) + ": " + one.message) + '\n';
  if (report.incomplete) {
    ++suite.errors;
    suite.cases += "<error type=\"incomplete\" message=\"something could not be scanned\">" + text +
                   "</error>";
  } else if (report.verdict == Verdict::kBlock) {
    ++suite.failures;
    suite.cases += fmt::format("<failure type=\"block\" message=\"{}\">{}</failure>",
                               counts_text(report), text);
  } else {
    suite.cases += "<system-out>" + text + "</system-out>";
  }
  suite.cases += "</testcase>\n";
}

}  // namespace

std::string gate_junit(const event::GateReport& report, const GateTextOptions& /*options*/) {
  Suite suite;
  append_whole(report, suite);
  for (const Judgement& one : report.judgements) append_case(one, suite);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vedette gate\">\n"
      "<testsuite name=\"vedette gate\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"0\" timestamp=\"{}\">\n{}</testsuite>\n</testsuites>\n",
      suite.tests, suite.failures, suite.errors, suite.skipped,
      format_time(report.now / kNsPerSecond * kNsPerSecond), suite.cases);
}

}  // namespace vedette::output
