// SPDX-License-Identifier: Apache-2.0
#include "cmd/detect.h"

#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/json_writer.h"
#include "cmd/content_folder.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/detect_run.h"
#include "formats/logs/format.h"
#include "output/alert/alert_json.h"
#include "output/alert/formats.h"
#include "output/refusals.h"
#include "output/terminal.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kProblemsShown = 10;
constexpr std::size_t kProblemColumns = 500;

struct DetectFlags {
  RuleFlags rules;
  std::vector<std::string> inputs;
  std::string input_format;
  bool recover = false;
  std::string lateness;
  std::uint64_t state_max = 1'000'000;
  ReportFlags report;
  bool profile_rules = false;
  unsigned threads = 0;
  bool quiet = false;
};

// Flags that say nothing together would look as if they worked.
Result<void> check_together(const DetectFlags& flags) {
  if (flags.profile_rules && flags.report.stats.empty()) {
    return failure(
        ErrorCode::kInvalid,
        "expected --stats FILE beside --profile-rules, found none; its counts stand there");
  }
  return flags.report.check();
}

Result<engine::DetectOptions> detect_options(const DetectFlags& flags) {
  TRY_VOID(check_together(flags));
  engine::DetectOptions options;
  TRY(options.rules, rule_options(flags.rules));
  // Files are read one behind another and their events are seldom in order; a stream is watched as
  // it comes.
  const bool stream = flags.inputs.size() == 1 && flags.inputs.front() == "-";
  TRY(options.lateness_ns, parse_duration_ns(!flags.lateness.empty() ? flags.lateness
                                             : stream                ? "0s"
                                                                     : "1h"));
  options.inputs = flags.inputs;
  if (!flags.input_format.empty()) {
    const auto format = formats::logs::format_by_name(flags.input_format);
    options.format = format.value_or(event::RecordFormat::kUnknown);
  }
  options.recover = flags.recover;
  options.threads = flags.threads;
  options.state_max = flags.state_max;
  options.profile = flags.profile_rules;
  return options;
}

// The end of a run for whoever watches: counts on a terminal, losses always.
void print_end(const event::Summary& summary, const Terminal& terminal) {
  if (terminal.errors) {
    fmt::print(stderr, "{} events, {} in {:.2f} s, {} rules: {} alerts\n", grouped(summary.events),
               readable_bytes(summary.bytes), summary.seconds, grouped(summary.rules_loaded),
               grouped(summary.alerts));
  }
  fmt::print(stderr, "{}", loss_report(summary));
}

int run_detect(DetectFlags flags) {
  flags.report.settle();
  const Terminal terminal = look_at_terminal();
  const Result<engine::DetectOptions> options = detect_options(flags);
  if (!options) return usage_error(options.error());
  const std::string content =
      options->rules.content.empty() ? find_content_folder().value_or("") : options->rules.content;
  Result<Report> report = open_report(flags.report, terminal, content);
  if (!report) return usage_error(report.error());

  std::vector<event::Sink*> sinks = {report->sink.get()};
  LevelWatch watch(level_by_name(flags.report.fail_on));
  if (!flags.report.fail_on.empty()) sinks.push_back(&watch);
  // Alerts that scroll by and a line that rewrites itself do not share a screen.
  const bool scrolls = terminal.output && flags.report.output.empty();
  ProgressLine progress(terminal.errors && !scrolls && !flags.quiet);
  const Result<event::Summary> summary = engine::detect(
      *options, sinks, install_stop_signal(), [&progress](const engine::Progress& at) {
        progress.update(at.bytes_read, at.bytes_total, at.events, at.alerts);
      });
  progress.clear();
  if (!summary) return usage_error(summary.error());

  if (!flags.report.stats.empty()) {
    const Result<void> written = write_stats(*summary, flags.report.stats);
    if (!written) return usage_error(written.error());
  }
  // A table ends with counts and losses itself.
  const bool said = flags.report.output.empty() && chosen_format(flags.report, terminal) == "table";
  if (!flags.quiet && !said) print_end(*summary, terminal);
  return exit_code_of(*summary, watch.reached());
}

std::vector<std::string> input_format_names() {
  std::vector<std::string> names;
  for (const auto& row : formats::logs::formats()) names.emplace_back(row.name);
  return names;
}

std::vector<Flag> detect_rows(DetectFlags& flags) {
  std::vector<Flag> rows = flags.rules.rows();
  const std::vector<Flag> own = {
      {"--input-format", "FORMAT", "Takes all inputs for this format instead of looking at them.",
       &flags.input_format, input_format_names(), ValueKind::kChoice},
      {"--recover", "", "EVTX: also carves records out of damaged files.", &flags.recover},
      {"--lateness", "TIME",
       "Correlations wait so long (event time) for late events: 30s, 5m; 1h, for a stream 0s.",
       &flags.lateness},
      {"--state-max", "COUNT", "Matches and values that correlations hold at most.",
       &flags.state_max},
      {"--profile-rules", "", "Counts evaluations and time of each rule (with --stats).",
       &flags.profile_rules},
      {"--threads", "COUNT", "Threads that decode and match; default: one per processor.",
       &flags.threads},
      {"-q,--quiet", "", "No progress and no report of losses on stderr.", &flags.quiet},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  const std::vector<Flag> report = flags.report.rows();
  rows.insert(rows.end(), report.begin(), report.end());
  return rows;
}

}  // namespace

std::string loss_report(const event::Summary& summary) {
  std::string out;
  std::size_t shown = 0;
  std::size_t all = 0;
  for (const event::InputReport& input : summary.inputs) {
    all += input.problems.size();
    for (const Diagnostic& problem : input.problems) {
      if (++shown > kProblemsShown) break;
      const std::string hint = problem.hint.empty() ? "" : "; " + problem.hint;
      const std::string line = to_string(problem.place) + ": " + problem.message + hint;
      out += "vedette: ";
      // Names and texts of inputs are not ours to trust.
      output::append_terminal(line, kProblemColumns, out);
      out += '\n';
    }
  }
  if (all > kProblemsShown) {
    out += fmt::format("vedette: and {} more; --stats FILE lists them\n", all - kProblemsShown);
  }
  const auto say = [&out](std::uint64_t count, const char* what) {
    if (count > 0) out += fmt::format("vedette: {} {}\n", grouped(count), what);
  };
  say(summary.lost, "events were lost between kernel and program; raise --ring-size");
  say(summary.skipped, "records could not be decoded and were skipped");
  say(summary.unknown_source,
      "events belong to no known log source; rules that name one did not see them");
  say(summary.rules_refused, "rules were refused; vedette rules lint lists them");
  for (const std::string& line : output::refusal_lines(summary)) {
    output::append_terminal(line, kProblemColumns, out += "vedette:   ");
    out += '\n';
  }
  say(summary.correlation_evictions, "correlation groups were forgotten; raise --state-max");
  say(summary.correlation_late, "events came too late for correlations; raise --lateness");
  if (summary.interrupted) out += "vedette: interrupted before the end of the input\n";
  return out;
}

ExitCode exit_code_of(const event::Summary& summary, bool blocked) {
  if (blocked) return kExitBlocked;
  bool partial = summary.interrupted || summary.skipped > 0 || summary.lost > 0 ||
                 summary.rules_refused > 0 || summary.correlation_evictions > 0 ||
                 summary.correlation_late > 0;
  for (const event::InputReport& input : summary.inputs) partial = partial || input.failed;
  return partial ? kExitPartial : kExitClean;
}

Command detect_command() {
  const auto flags = std::make_shared<DetectFlags>();
  Command command{
      "detect", "Runs rules over logs and writes an alert for each match.",
      "  vedette detect /var/log/audit              # our rules over a folder\n"
      "  vedette detect --rules sigma/rules logs/   # the community's rules\n"
      "  journalctl -o json | vedette detect -      # a stream\n"
      "  vedette detect --format html -o report.html Security.evtx\n"
      "  vedette detect --min-level high --fail-on critical --stats stats.json logs.tar.zst\n"};
  command.flags = detect_rows(*flags);
  command.arguments = {{"INPUT", "Files, folders (with all below them) or - for standard input.",
                        &flags->inputs, true, ValueKind::kPath}};
  command.run = [flags] { return run_detect(*flags); };
  return command;
}

}  // namespace vedette::cmd
