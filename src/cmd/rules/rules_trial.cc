// SPDX-License-Identifier: Apache-2.0
// `rules test`.
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "cmd/rule_flags.h"
#include "cmd/rules/rules_commands.h"
#include "cmd/terminal.h"
#include "engine/rules/rules_run.h"

namespace vedette::cmd {
namespace {

struct TrialFlags {
  RuleFlags rules;
  bool strict = false;
};

int run_trial(const TrialFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const std::atomic<bool>& stop = install_stop_signal();
  const Result<engine::RuleTestReport> report = engine::test_rules(*options, Limits(), stop);
  if (!report) return usage_error(report.error());
  for (const Diagnostic& note : report->notes) {
    fmt::print("{}: note: {}{}{}\n", to_string(note.place), note.message,
               note.hint.empty() ? "" : "; ", note.hint);
  }
  for (const Diagnostic& failure : report->failures) {
    fmt::print("{}: failed: {}\n", to_string(failure.place), failure.message);
  }
  if (report->skipped > 0) fmt::print("{} skipped\n", report->skipped);
  fmt::print("{} passed, {} failed\n", report->passed, report->failed);
  if (report->passed + report->failed == 0) {
    return usage_error({ErrorCode::kNotFound,
                        "expected case files (NAME.case.yml) or a folder regression_data below "
                        "--rules, found none; docs/rules-commands.md shows how to write a case"});
  }
  const bool bad = report->failed > 0 || (flags.strict && !report->notes.empty());
  if (bad) return kExitBlocked;
  return stop ? kExitPartial : kExitClean;
}

}  // namespace

Command rules_trial_command() {
  const auto flags = std::make_shared<TrialFlags>();
  Command command{"test", "Runs rules against events of which it is known what they must find.",
                  "  vedette rules test                            # ours, with their case files\n"
                  "  vedette rules test --rules my-rules --strict  # a rule without a case fails\n"
                  "  vedette rules test --rules sigma              # SigmaHQ's regression_data\n"};
  command.flags = flags->rules.rows();
  command.flags.push_back({"--strict", "",
                           "Exit code 1 for what was skipped and rules without a case too.",
                           &flags->strict});
  command.run = [flags] { return run_trial(*flags); };
  return command;
}

}  // namespace vedette::cmd
