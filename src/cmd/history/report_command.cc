// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cmd/history/history_command.h"
#include "cmd/history/history_flags.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/history/history_run.h"
#include "output/programme/programme_formats.h"

namespace vedette::cmd {
namespace {

struct ProgrammeFlags {
  std::string store;
  engine::MeasureOptions options;
  std::string format;
  std::string output;
  std::string since;
  std::string now;
};

Result<std::string> report_text(const ProgrammeFlags& flags) {
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && (flags.output.empty() || flags.output == "-");
  const std::string format = flags.format.empty() ? (to_terminal ? "table" : "json") : flags.format;
  engine::MeasureOptions options = flags.options;
  TRY(options.now, time_or(flags.now, "--now", wall_clock()));
  TRY(options.since, time_or(flags.since, "--since", INT64_MIN));
  if (options.since > options.now)
    return failure(ErrorCode::kInvalid, "--since: expected a time that is not after --now");
  TRY(const std::string store, store_path(flags.store));
  TRY(const event::ProgrammeReport report, engine::measure_history(store, options));
  return output::programme_text(
      format, report, {.colour = to_terminal && terminal.colour, .version = version_number()});
}

}  // namespace

Command report_command() {
  const auto flags = std::make_shared<ProgrammeFlags>();
  std::vector<std::string> formats;
  for (const output::ProgrammeFormat& one : output::programme_formats())
    formats.emplace_back(one.name);
  Command command{"report",
                  "Tells how the programme does: what blocks, what is open, how long it takes.",
                  "  vedette report\n"
                  "  vedette report --since 2027-01-01 -f html -o programme.html\n"
                  "  vedette report -f prometheus -o /var/lib/node_exporter/vedette.prom\n"};
  command.flags = {
      store_flag(flags->store),
      {"--since", "TIME", "Leaves out runs, remediations and releases before.", &flags->since},
      {"--repository", "NAME", "Of this repository alone.", &flags->options.repository},
      {"--branch", "NAME",
       "Whose findings count; default: main, master, trunk, develop, else the one with most runs. "
       "Given several times.",
       &flags->options.branches},
      {"--now", "TIME", "As of this time instead of now.", &flags->now},
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else json.",
       &flags->format, formats, ValueKind::kChoice},
      output_flag(flags->output),
  };
  command.run = [flags] {
    const Result<std::string> text = report_text(*flags);
    return text ? write_text(*text, flags->output) : usage_error(text.error());
  };
  return command;
}

}  // namespace vedette::cmd
