// SPDX-License-Identifier: Apache-2.0
#include "cmd/gate/gate_command.h"

#include <fmt/format.h>
#include <memory>

#include "cmd/gate/comment_flags.h"
#include "cmd/gate/gate_end.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/gate/gate_run.h"
#include "output/gate/gate_formats.h"

namespace vedette::cmd {
namespace {

struct GateFlags {
  engine::GateOptions options;
  CommentFlags comment;
  std::string format;
  std::string output;
  std::vector<std::string> reports;
  std::string now;
  bool explain = false;
};

int run_gate_command(const GateFlags& flags) {
  engine::GateOptions options = flags.options;
  if (const auto good = check_comment_flags(flags.comment); !good) return usage_error(good.error());
  const auto wanted = wanted_reports(flags.reports);
  if (!wanted) return usage_error(wanted.error());
  const Result<TimeNs> now = judging_time(flags.now);
  if (!now) return usage_error(now.error());
  options.now = *now;
  if (options.reports.empty())
    return usage_error({ErrorCode::kInvalid,
                        "expected findings, found no report; make one with `vedette scan secrets "
                        "-f json -o secrets.json`, or give - for standard input"});
  const auto run = engine::run_gate(options);
  if (!run) return usage_error(run.error());
  if (!(*run)->files.is_usable()) {
    print_problems((*run)->files.problems);
    return usage_error({ErrorCode::kInvalid, "no verdict is made of a policy with errors"});
  }
  const std::string version = version_number();
  if (const auto written = write_reports(*wanted, (*run)->report, {.version = version}); !written)
    return usage_error(written.error());
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && (flags.output.empty() || flags.output == "-");
  const auto text = output::gate_text(
      flags.format.empty() ? (to_terminal ? "table" : "json") : flags.format, (*run)->report,
      {.colour = to_terminal && terminal.colour, .explain = flags.explain, .version = version});
  if (!text) return usage_error(text.error());
  if (const Result<void> written = write_text(*text, flags.output); !written)
    return usage_error(written.error());
  return with_comment(flags.comment, (*run)->report, exit_code_of((*run)->report));
}

Command lint_command() {
  const auto options = std::make_shared<engine::GateOptions>();
  Command command{"lint", "Checks a policy, its waivers and its signers.",
                  "  vedette gate lint\n"
                  "  vedette gate lint other/vedette.yaml\n"};
  command.flags = {{"--waivers",
                    "FILE",
                    "The waivers; default: the file that the policy names.",
                    &options->waivers,
                    {},
                    ValueKind::kPath}};
  command.arguments = {
      {"POLICY", "The policy; default: vedette.yaml.", &options->policy, false, ValueKind::kPath}};
  command.run = [options] {
    const auto files = engine::read_gate_files(*options);
    if (!files) return usage_error(files.error());
    print_problems(files->problems);
    if (!files->is_usable()) return static_cast<int>(kExitUsage);
    fmt::print("{}: {} tiers, {} waivers: good\n", files->policy.name, files->policy.tiers.size(),
               files->waivers.size());
    return static_cast<int>(kExitClean);
  };
  return command;
}

Command default_command() {
  Command command{"default", "Prints the policy that holds without a file.",
                  "  vedette gate default > vedette.yaml\n"};
  command.run = [] {
    fmt::print("{}", policy::default_policy_text());
    return static_cast<int>(kExitClean);
  };
  return command;
}

Command schema_command() {
  Command command{"schema", "Prints the JSON Schema of vedette.yaml, for editors.",
                  "  vedette gate schema > vedette.schema.json\n"};
  command.run = [] {
    fmt::print("{}", policy::policy_schema());
    return static_cast<int>(kExitClean);
  };
  return command;
}

std::vector<Flag> rows(GateFlags& flags) {
  std::vector<std::string> formats;
  for (const output::GateFormat& format : output::gate_formats()) formats.emplace_back(format.name);
  engine::GateOptions& options = flags.options;
  return {
      {"--policy",
       "FILE",
       "The policy; default: vedette.yaml, else what is built in.",
       &options.policy,
       {},
       ValueKind::kPath},
      {"--waivers",
       "FILE",
       "The waivers; default: the file that the policy names.",
       &options.waivers,
       {},
       ValueKind::kPath},
      {"--base",
       "REPORT",
       "Findings of what is compared with; what it has is known. Given several times.",
       &options.base,
       {},
       ValueKind::kPath},
      {"--environment", "NAME", "Where it will run, for clauses that ask.", &options.environment},
      {"--image", "NAME", "The image that the findings are of, for clauses that ask.",
       &options.image},
      {"--now", "TIME", "Judges as of this time instead of now.", &flags.now},
      {"--explain", "", "Table: every clause that had a say, and all that would change it.",
       &flags.explain},
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else json.",
       &flags.format, formats, ValueKind::kChoice},
      output_flag(flags.output),
      {"--report", "FORMAT=FILE", "Writes this besides; given several times.", &flags.reports},
  };
}

}  // namespace

Command gate_command() {
  const auto flags = std::make_shared<GateFlags>();
  Command command{
      "gate", "Turns findings into one verdict: block, warn or track.",
      "  vedette scan secrets -f json -o secrets.json .\n"
      "  vedette gate secrets.json packages.json\n"
      "  vedette gate --base main.json --explain branch.json\n"
      "  vedette gate -f markdown -o comment.md branch.json\n"
      "  vedette gate -f github --report sarif=gate.sarif --comment github branch.json\n"};
  command.flags = rows(*flags);
  for (Flag& row : comment_flags(flags->comment)) command.flags.push_back(std::move(row));
  command.arguments = {{"REPORT", "Findings as `vedette scan` writes them with -f json or ndjson.",
                        &flags->options.reports, false, ValueKind::kPath}};
  command.commands = {lint_command(), default_command(), schema_command()};
  command.run = [flags] { return run_gate_command(*flags); };
  return command;
}

}  // namespace vedette::cmd
