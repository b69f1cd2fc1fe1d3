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
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/detect_run.h"
#include "formats/logs/format.h"
#include "output/alert_json.h"
#include "output/formats.h"
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
  std::string format;
  std::string output;
  bool group = false;
  bool include_event = false;
  std::string rule_matching;
  std::string fail_on;
  std::string stats;
  bool profile = false;
  unsigned threads = 0;
  bool quiet = false;
};

// Sees whether any alert reaches --fail-on.
class LevelWatch : public event::Sink {
 public:
  explicit LevelWatch(event::Level level) : level_(level) {}
  Result<void> write(const event::Alert& alert) override {
    reached_ = reached_ || alert.rule->level >= level_;
    return {};
  }
  Result<void> finish(const event::Summary&) override { return {}; }
  bool wants_details() const override { return false; }
  bool reached() const { return reached_; }

 private:
  event::Level level_;
  bool reached_ = false;
};

// Flags that say nothing together would look as if they worked.
Result<void> check_together(const DetectFlags& flags) {
  if (flags.profile && flags.stats.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected --stats FILE beside --profile, found none; its counts stand there");
  }
  if (flags.stats == "-" && flags.output.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected --output FILE beside --stats -, found none; both would be written to "
                   "standard output");
  }
  return {};
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
  if (flags.rule_matching == "all") options.rules.matching = engine::RuleMatching::kAll;
  options.inputs = flags.inputs;
  if (!flags.input_format.empty()) {
    const auto format = formats::logs::format_by_name(flags.input_format);
    options.format = format.value_or(event::RecordFormat::kUnknown);
  }
  options.recover = flags.recover;
  options.threads = flags.threads;
  options.state_max = flags.state_max;
  options.profile = flags.profile;
  return options;
}

std::string chosen_format(const DetectFlags& flags, const Terminal& terminal) {
  if (!flags.format.empty()) return flags.format;
  return terminal.output && flags.output.empty() ? "table" : "ndjson";
}

// The writer and the sink that writes to it.
struct Report {
  std::unique_ptr<output::Writer> writer;
  std::unique_ptr<event::Sink> sink;
};

Result<Report> open_report(const DetectFlags& flags, const Terminal& terminal,
                           const std::string& content) {
  const bool to_terminal = terminal.output && flags.output.empty();
  Report report;
  if (flags.output.empty()) {
    report.writer = std::make_unique<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO));
  } else {
    TRY(output::Writer writer, output::Writer::to_file(flags.output));
    report.writer = std::make_unique<output::Writer>(std::move(writer));
  }
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

// The end of a run for whoever watches: counts on a terminal, losses always.
void print_end(const event::Summary& summary, const Terminal& terminal) {
  if (terminal.errors) {
    fmt::print(stderr, "{} events, {} in {:.2f} s, {} rules: {} alerts\n", grouped(summary.events),
               readable_bytes(summary.bytes), summary.seconds, grouped(summary.rules_loaded),
               grouped(summary.alerts));
  }
  fmt::print(stderr, "{}", loss_report(summary));
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

int run_detect(DetectFlags flags) {
  if (flags.output == "-") flags.output.clear();
  const Terminal terminal = look_at_terminal();
  const Result<engine::DetectOptions> options = detect_options(flags);
  if (!options) return usage_error(options.error());
  const std::string content =
      options->rules.content.empty() ? find_content_folder().value_or("") : options->rules.content;
  Result<Report> report = open_report(flags, terminal, content);
  if (!report) return usage_error(report.error());

  std::vector<event::Sink*> sinks = {report->sink.get()};
  LevelWatch watch(level_by_name(flags.fail_on));
  if (!flags.fail_on.empty()) sinks.push_back(&watch);
  // Alerts that scroll by and a line that rewrites itself do not share a screen.
  const bool scrolls = terminal.output && flags.output.empty();
  ProgressLine progress(terminal.errors && !scrolls && !flags.quiet);
  const Result<event::Summary> summary = engine::detect(
      *options, sinks, install_stop_signal(), [&progress](const engine::Progress& at) {
        progress.update(at.bytes_read, at.bytes_total, at.events, at.alerts);
      });
  progress.clear();
  if (!summary) return usage_error(summary.error());

  if (!flags.stats.empty()) {
    const Result<void> written = write_stats(*summary, flags.stats);
    if (!written) return usage_error(written.error());
  }
  // A table ends with counts and losses itself.
  const bool said = flags.output.empty() && chosen_format(flags, terminal) == "table";
  if (!flags.quiet && !said) print_end(*summary, terminal);
  return exit_code_of(*summary, watch.reached());
}

std::vector<std::string> output_format_names() {
  std::vector<std::string> names;
  for (const output::Format& format : output::formats()) names.emplace_back(format.name);
  return names;
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
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else ndjson.",
       &flags.format, output_format_names(), ValueKind::kChoice},
      {"-o,--output",
       "FILE",
       "Writes to a file, whole or not at all; - for standard output.",
       &flags.output,
       {},
       ValueKind::kPath},
      {"--group", "", "Folds alerts of one rule on one host into one with a count.", &flags.group},
      {"--include-event", "", "Writes every field of the event with its alert.",
       &flags.include_event},
      {"--rule-matching",
       "WHICH",
       "Falco rules: reports the first that matches an event (default), or all.",
       &flags.rule_matching,
       {"first", "all"},
       ValueKind::kChoice},
      {"--fail-on", "LEVEL", "Exit code 1 when an alert reaches this level.", &flags.fail_on,
       level_names(), ValueKind::kChoice},
      {"--stats",
       "FILE",
       "Writes counts of events, inputs and rules as JSON.",
       &flags.stats,
       {},
       ValueKind::kPath},
      {"--profile", "", "Counts evaluations and time of each rule (with --stats).", &flags.profile},
      {"--threads", "COUNT", "Threads that decode and match; default: one per processor.",
       &flags.threads},
      {"-q,--quiet", "", "No progress and no report of losses on stderr.", &flags.quiet},
  };
  rows.insert(rows.end(), own.begin(), own.end());
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
  bool partial = summary.interrupted || summary.skipped > 0 || summary.rules_refused > 0 ||
                 summary.correlation_evictions > 0 || summary.correlation_late > 0;
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
