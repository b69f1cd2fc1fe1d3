// SPDX-License-Identifier: Apache-2.0
#include "cmd/report_flags.h"

#include <chrono>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/json_writer.h"
#include "cmd/rule_flags.h"
#include "cmd/version.h"
#include "output/alert/alert_json.h"
#include "output/alert/formats.h"

namespace vedette::cmd {
namespace {

std::vector<std::string> output_format_names() {
  std::vector<std::string> names;
  for (const output::Format& format : output::formats()) names.emplace_back(format.name);
  return names;
}

}  // namespace

Flag output_flag(std::string& output) {
  return {"-o,--output", "FILE", "Writes to a file, whole or not at all; - for standard output.",
          &output,       {},     ValueKind::kPath};
}

std::vector<Flag> ReportFlags::rows() {
  return {
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else ndjson.",
       &format, output_format_names(), ValueKind::kChoice},
      output_flag(output),
      {"--group", "", "Folds alerts of one rule on one host into one with a count.", &group},
      {"--include-event", "", "Writes every field of the event with its alert.", &include_event},
      {"--fail-on", "LEVEL", "Exit code 1 when an alert reaches this level.", &fail_on,
       level_names(), ValueKind::kChoice},
      {"--stats",
       "FILE",
       "Writes counts of events, inputs and rules as JSON.",
       &stats,
       {},
       ValueKind::kPath},
  };
}

Result<void> ReportFlags::check() const {
  if (stats == "-" && output.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected --output FILE beside --stats -, found none; both would be written to "
                   "standard output");
  }
  return {};
}

std::string chosen_format(const ReportFlags& flags, const Terminal& terminal) {
  if (!flags.format.empty()) return flags.format;
  return terminal.output && flags.output.empty() ? "table" : "ndjson";
}

Result<Report> open_report(const ReportFlags& flags, const Terminal& terminal,
                           const std::string& content) {
  const bool to_terminal = terminal.output && flags.output.empty();
  Report report;
  if (flags.output.empty()) {
    report.writer = std::make_unique<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO));
  } else {
    TRY(output::Writer writer, output::Writer::to_file(flags.output));
    report.writer = std::make_unique<output::Writer>(std::move(writer));
  }
  if (flags.live) report.writer->write_at_once();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const output::SinkOptions options{
      .writer = *report.writer,
      .colour = to_terminal && terminal.colour,
      .group = flags.group,
      .width = to_terminal ? terminal.width : 0,
      .include_event = flags.include_event,
      .version = version_number(),
      .now = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(),
      .content = content};
  TRY(report.sink, output::make_sink(chosen_format(flags, terminal), options));
  return report;
}

Result<void> write_stats(const event::Summary& summary, const std::string& path) {
  std::string stats;
  JsonWriter json(stats);
  output::append_summary(summary, json);
  stats += '\n';
  if (path != "-") return write_file_whole(path, stats);
  output::Writer writer = output::Writer::to_descriptor(STDOUT_FILENO);
  TRY_VOID(writer.write(stats));
  return writer.finish();
}

}  // namespace vedette::cmd
