// SPDX-License-Identifier: Apache-2.0
#include "cmd/history/history_command.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "cmd/history/history_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "engine/history/history_run.h"
#include "output/finding/finding_text.h"
#include "output/programme/history_lists.h"
#include "output/quantity.h"

namespace vedette::cmd {
namespace {

constexpr std::uint64_t kRunsShown = 50;

struct AddFlags {
  engine::HistoryAddOptions options;
  std::string time;
};

std::vector<Flag> fact_rows(AddFlags& flags) {
  event::RunFacts& facts = flags.options.facts;
  return {
      store_flag(flags.options.store),
      {"--repository", "NAME", "Of which repository, as in example/shop.", &facts.repository},
      {"--commit", "ID", "Of which commit.", &facts.commit},
      {"--branch", "NAME", "On which branch; findings are followed branch by branch.",
       &facts.branch},
      {"--release", "TAG", "The release that this is.", &facts.release},
      {"--run", "NAME", "Of the pipeline; tells two runs of one commit apart.", &facts.pipeline},
  };
}

int print_added(const Result<engine::HistoryAdded>& added) {
  if (!added) return usage_error(added.error());
  if (!added->is_new) {
    fmt::print("run {} is known already\n", added->id);
    return kExitClean;
  }
  fmt::print("run {}: {} finding{}{}\n", added->id, output::count_text(added->findings),
             output::plural(added->findings),
             added->verdict ? fmt::format(", {}", event::to_string(*added->verdict)) : "");
  return kExitClean;
}

// What both kinds of adding need; the rest is said by the row.
using Add = Result<engine::HistoryAdded> (*)(const engine::HistoryAddOptions& options);
int run_add(const AddFlags& flags, Add add) {
  engine::HistoryAddOptions options = flags.options;
  if (options.reports.empty())
    return usage_error({ErrorCode::kInvalid,
                        "expected a report, found none; make one with `vedette gate -f json`, or "
                        "give - for standard input"});
  const auto store = store_path(options.store);
  if (!store) return usage_error(store.error());
  options.store = *store;
  options.now = wall_clock();
  const auto time = time_or(flags.time, "--time", 0);
  if (!time) return usage_error(time.error());
  options.facts.time = *time;
  return print_added(add(options));
}

Command add_command() {
  const auto flags = std::make_shared<AddFlags>();
  Command command{
      "add", "Keeps one run of the gate; the same run added twice is one.",
      "  vedette gate -f json -o gate.json secrets.json packages.json\n"
      "  vedette history add --repository example/shop --commit \"$(git rev-parse HEAD)\" "
      "--branch main gate.json\n"};
  command.flags = fact_rows(*flags);
  command.flags.push_back({"--stages",
                           "FILE",
                           "How long each scanner took, as JSON (docs/history.md).",
                           &flags->options.stages,
                           {},
                           ValueKind::kPath});
  command.flags.push_back(
      {"--time", "TIME", "Of the run; default: that of the verdict.", &flags->time});
  command.arguments = {{"GATE", "What `vedette gate -f json` wrote; several are one run.",
                        &flags->options.reports, false, ValueKind::kPath}};
  command.run = [flags] {
    if (flags->options.facts.commit.empty())
      return usage_error({ErrorCode::kInvalid, "expected --commit, found none"});
    return run_add(*flags, engine::add_run);
  };
  return command;
}

Command import_command() {
  const auto flags = std::make_shared<AddFlags>();
  Command command{
      "import", "Keeps findings that nobody judged: SARIF, CycloneDX or our own reports.",
      "  vedette history import --repository example/shop --time 2026-06-01 semgrep.sarif "
      "trivy.cdx.json\n"};
  command.flags = fact_rows(*flags);
  command.flags.push_back(
      {"--time", "TIME", "When the findings were made; default: now.", &flags->time});
  command.arguments = {{"REPORT", "What scanners wrote; what several of them tell stays once.",
                        &flags->options.reports, false, ValueKind::kPath}};
  command.run = [flags] { return run_add(*flags, engine::add_findings); };
  return command;
}

struct QueryFlags {
  std::string store;
  engine::HistoryQuery query;
  std::string standing;
  std::string now;
  std::string format;
  std::uint64_t runs_max = kRunsShown;
};

std::vector<Flag> query_rows(QueryFlags& flags) {
  return {
      store_flag(flags.store),
      {"--repository", "NAME", "Of this repository alone.", &flags.query.repository},
      {"--branch", "NAME", "Of this branch; given several times.", &flags.query.branches},
      {"--now", "TIME", "As of this time instead of now.", &flags.now},
      {"-f,--format",
       "FORMAT",
       "What is written; default: table on a terminal, else json.",
       &flags.format,
       {"table", "json"},
       ValueKind::kChoice},
  };
}

bool wants_table(const QueryFlags& flags) {
  return flags.format.empty() ? look_at_terminal().output : flags.format == "table";
}

Result<engine::HistoryQuery> query_of(const QueryFlags& flags) {
  engine::HistoryQuery query = flags.query;
  TRY(query.now, time_or(flags.now, "--now", wall_clock()));
  const auto* const standing = std::ranges::find(event::kStandingNames, flags.standing);
  if (standing != event::kStandingNames.end())
    query.standing = static_cast<event::FindingStanding>(standing - event::kStandingNames.begin());
  return query;
}

Result<std::string> findings_text(const QueryFlags& flags) {
  TRY(const engine::HistoryQuery query, query_of(flags));
  TRY(const std::string store, store_path(flags.store));
  TRY(const auto findings, engine::list_findings(store, query));
  if (query.with_changes && findings.empty())
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected a finding of the history, found none that begins with {}; "
                               "`vedette history list` tells all",
                               query.finding));
  if (!wants_table(flags)) return output::history_findings_json(findings);
  return query.with_changes ? output::history_details_table(findings)
                            : output::history_findings_table(findings);
}

Result<std::string> runs_text(const QueryFlags& flags) {
  TRY(const engine::HistoryQuery query, query_of(flags));
  TRY(const std::string store, store_path(flags.store));
  TRY(const auto runs, engine::list_runs(store, query, flags.runs_max));
  std::vector<output::HistoryRunRow> rows;
  for (const engine::ListedRun& one : runs) rows.push_back({&one.run, one.findings});
  return wants_table(flags) ? output::history_runs_table(rows) : output::history_runs_json(rows);
}

int print_text(const Result<std::string>& text) {
  return text ? write_text(*text, "") : usage_error(text.error());
}

Command list_command() {
  const auto flags = std::make_shared<QueryFlags>();
  Command command{"list", "Lists findings: where they stand, since when, and who told of them.",
                  "  vedette history list --standing open\n"
                  "  vedette history list --repository example/shop -f json\n"};
  command.flags = query_rows(*flags);
  std::vector<std::string> standings(event::kStandingNames.begin(), event::kStandingNames.end());
  command.flags.push_back({"--standing", "STANDING", "Only those that stand so.", &flags->standing,
                           std::move(standings), ValueKind::kChoice});
  command.flags.push_back(
      {"--all-branches", "", "Not only of the main branches.", &flags->query.all_branches});
  command.run = [flags] { return print_text(findings_text(*flags)); };
  return command;
}

Command show_command() {
  const auto flags = std::make_shared<QueryFlags>();
  Command command{"show", "Shows all that happened to a finding, on every branch.",
                  "  vedette history show 3f2a91c0\n"};
  command.flags = query_rows(*flags);
  command.arguments = {{"FINDING", "Its identity, or the first digits of it.",
                        &flags->query.finding, true, ValueKind::kText}};
  command.run = [flags] {
    flags->query.with_changes = true;
    flags->query.all_branches = flags->query.branches.empty();
    return print_text(findings_text(*flags));
  };
  return command;
}

Command runs_command() {
  const auto flags = std::make_shared<QueryFlags>();
  Command command{"runs", "Lists runs, the latest first.", "  vedette history runs --limit 10\n"};
  command.flags = query_rows(*flags);
  command.flags.push_back({"--limit", "COUNT", "At most so many; default: 50.", &flags->runs_max});
  command.run = [flags] { return print_text(runs_text(*flags)); };
  return command;
}

struct DismissFlags {
  std::string store;
  event::Dismissal dismissal;
  std::string reason;
  std::string now;
  bool take_back = false;
};

int run_dismiss(const DismissFlags& flags) {
  event::Dismissal dismissal = flags.dismissal;
  if (dismissal.by.empty() || (flags.reason.empty() != flags.take_back))
    return usage_error({ErrorCode::kInvalid,
                        "expected --by, and either --reason or --take-back; found something else"});
  const auto* const reason = std::ranges::find(event::kExceptionNames, flags.reason);
  dismissal.reason = flags.take_back
                         ? event::Exception::kNone
                         : static_cast<event::Exception>(reason - event::kExceptionNames.begin());
  const auto store = store_path(flags.store);
  if (!store) return usage_error(store.error());
  const auto now = time_or(flags.now, "--now", wall_clock());
  if (!now) return usage_error(now.error());
  dismissal.time = *now;
  const auto identity = engine::dismiss_finding(*store, dismissal);
  if (!identity) return usage_error(identity.error());
  fmt::print("{}: {}\n", *identity,
             flags.take_back ? "dismissal taken back" : "dismissed as " + flags.reason);
  return kExitClean;
}

Command dismiss_command() {
  const auto flags = std::make_shared<DismissFlags>();
  Command command{"dismiss",
                  "Says of a finding that nothing is to be done; excuses nothing before the gate.",
                  "  vedette history dismiss 3f2a91c0 --reason false-positive --by ada\n"};
  command.flags = {
      store_flag(flags->store),
      {"--reason",
       "REASON",
       "Why.",
       &flags->reason,
       {"accepted", "false-positive", "mitigated"},
       ValueKind::kChoice},
      {"--by", "NAME", "Who says so.", &flags->dismissal.by},
      {"--note", "TEXT", "More about it.", &flags->dismissal.note},
      {"--repository", "NAME", "Only there; default: wherever it is.",
       &flags->dismissal.repository},
      {"--take-back", "", "It is to be dealt with again.", &flags->take_back},
      {"--now", "TIME", "When, instead of now.", &flags->now},
  };
  command.arguments = {{"FINDING", "Its identity, or the first digits of it.",
                        &flags->dismissal.finding, true, ValueKind::kText}};
  command.run = [flags] { return run_dismiss(*flags); };
  return command;
}

Command check_command() {
  const auto given = std::make_shared<std::string>();
  Command command{"check", "Reads the whole file and compares every row with its checksum.",
                  "  vedette history check\n"};
  command.flags = {store_flag(*given)};
  command.run = [given] {
    const auto store = store_path(*given);
    if (!store) return usage_error(store.error());
    const auto damages = engine::check_history(*store);
    if (!damages) return usage_error(damages.error());
    for (const Diagnostic& one : *damages)
      fmt::print(stderr, "{}: error: {}\n", to_string(one.place), output::visible(one.message));
    if (!damages->empty()) return static_cast<int>(kExitUsage);
    fmt::print("{}: whole\n", *store);
    return static_cast<int>(kExitClean);
  };
  return command;
}

}  // namespace

Command history_command() {
  Command command{
      "history", "Remembers what the gate saw: since when, by whom, until when.",
      "  vedette history add --repository example/shop --commit … --branch main gate.json\n"
      "  vedette history list --standing open\n"
      "  vedette history show 3f2a91c0\n"};
  command.commands = {add_command(),  import_command(),  list_command(), show_command(),
                      runs_command(), dismiss_command(), check_command()};
  return command;
}

}  // namespace vedette::cmd
