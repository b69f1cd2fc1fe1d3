// SPDX-License-Identifier: Apache-2.0
#include "cmd/ci/ci_command.h"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <system_error>
#include <utility>

#include "cmd/cache_folder.h"
#include "cmd/ci/ci_flags.h"
#include "cmd/ci/pipeline_environment.h"
#include "cmd/content_folder.h"
#include "cmd/gate/gate_end.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/ci/ci_run.h"
#include "engine/history/history_run.h"
#include "output/gate/gate_formats.h"
#include "output/gate/stage_formats.h"
#include "scan/secrets/judge.h"
#include "store/result_transfer.h"

namespace vedette::cmd {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The user's word, else what the CI system says, else everything.
Result<engine::ChangeOptions> change_options(const CiFlags& flags) {
  const int kinds = (flags.all ? 1 : 0) + (flags.staged ? 1 : 0) + (flags.base.empty() ? 0 : 1);
  if (kinds > 1)
    return failure(ErrorCode::kInvalid,
                   "expected one of --all, --staged and --base, found several");
  engine::ChangeOptions change;
  change.head = flags.head.empty() ? "HEAD" : flags.head;
  if (flags.staged) {
    change.kind = engine::ChangeKind::kStaged;
    change.index_file = variable("GIT_INDEX_FILE");
    return change;
  }
  change.base = flags.base;
  if (change.base.empty() && !flags.all) {
    const PipelineChange found = find_pipeline_change(variable);
    change.base = found.base;
    if (!found.base.empty() && !flags.quiet)
      fmt::print(stderr, "vedette: comparing with {} ({})\n", found.base, found.variable);
  }
  if (!change.base.empty()) change.kind = engine::ChangeKind::kBase;
  return change;
}

Result<engine::CiOptions> ci_options(const CiFlags& flags) {
  engine::CiOptions options;
  TRY(options.change, change_options(flags));
  options.only = flags.only;
  options.without = flags.without;
  options.images = flags.images;
  TRY(options.origin, flags.origin.origin());
  options.rules.packs = flags.rules;
  if (options.rules.packs.empty()) {
    TRY(const std::string content, find_content_folder());
    options.rules.packs.push_back(content + "/secrets");
    options.rules.packs_are_ours = true;
  }
  options.scanner.probability_min =
      flags.thorough ? scan::secrets::kProbabilityThorough : scan::secrets::kProbabilityDefault;
  options.gate = flags.gate;
  TRY(options.gate.now, judging_time(flags.now));
  options.known.database = flags.database;
  options.known.now = options.gate.now;
  options.known.statements = flags.statements;
  options.known.usage = flags.usage;
  options.ignore.excludes = flags.excludes;
  options.ignore.account = ingest::git_account_of_environment();
  if (!flags.no_cache) {
    options.cache.folder = flags.cache_folder.empty() ? default_cache_folder() : flags.cache_folder;
    options.rules.cache_folder = options.cache.folder;
  }
  TRY(const std::int64_t budget_ns, parse_duration_ns(flags.budget));
  options.budget_seconds = static_cast<double>(budget_ns) / 1e9;
  if (flags.resume && options.cache.folder.empty())
    return failure(ErrorCode::kInvalid, "expected a cache beside --resume, found --no-cache");
  if (flags.resume && options.budget_seconds > 0)
    return failure(ErrorCode::kInvalid, "expected --resume without --budget, found both");
  options.resume = flags.resume ? engine::Resume::kUnfinished : engine::Resume::kNo;
  options.threads = flags.threads;
  options.notes_spans = !flags.trace.empty();
  return options;
}

Result<void> write_stage_reports(const engine::CiRun& run, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failure(ErrorCode::kSystem, folder + ": " + error.message());
  unsigned images = 0;
  for (const engine::StageReport& report : run.reports) {
    const std::string name =
        report.target.empty() ? report.stage : fmt::format("{}-{}", report.stage, ++images);
    TRY_VOID(write_text(report.json, fmt::format("{}/{}.json", folder, name)));
  }
  return {};
}

Result<void> write_stages(const engine::CiRun& run, const std::string& path) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("seconds").number(run.seconds).key("workers").number(run.slots);
  json.key("head").string(run.change.head()).key("base").string(run.change.base());
  json.key("may_resume").boolean(run.may_resume).key("stages");
  output::append_stages(run.gate.report.stages, json);
  json.end_object();
  text += '\n';
  return write_text(text, path);
}

Result<void> write_all(const CiFlags& flags, const std::vector<WantedReport>& wanted,
                       const engine::CiRun& run) {
  const event::GateReport& report = run.gate.report;
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && (flags.output.empty() || flags.output == "-");
  const output::GateTextOptions plain{
      .colour = false, .explain = flags.explain, .version = version_number()};
  TRY_VOID(write_reports(wanted, report, plain));
  if (!flags.findings_folder.empty()) TRY_VOID(write_stage_reports(run, flags.findings_folder));
  if (!flags.stages.empty()) TRY_VOID(write_stages(run, flags.stages));
  if (!flags.trace.empty())
    TRY_VOID(
        write_text(output::chrome_trace(report.stages, run.spans, run.spans_lost), flags.trace));
  output::GateTextOptions shown = plain;
  shown.colour = to_terminal && terminal.colour;
  TRY(const std::string text,
      output::gate_text(flags.format.empty() ? "table" : flags.format, report, shown));
  return write_text(text, flags.output);
}

// A cache that cannot be taken costs time and nothing else, and is told.
void take_cache(const CiFlags& flags, const engine::CiOptions& options) {
  if (flags.cache_import.empty()) return;
  if (options.cache.folder.empty()) {
    fmt::print(stderr, "vedette: --cache-import has no effect beside --no-cache\n");
    return;
  }
  const auto taken = store::import_results(
      flags.cache_import,
      {options.cache.folder, options.cache.bytes_max, options.gate.now / kNsPerSecond / 86'400},
      variable(kCacheSecretVariable));
  if (!taken) {
    fmt::print(stderr, "vedette: {}: {}; everything is scanned\n", flags.cache_import,
               taken.error().message);
  } else if (!flags.quiet) {
    fmt::print(stderr, "vedette: {} known results taken from {}{}\n", grouped(taken->results),
               flags.cache_import,
               taken->damaged == 0 ? "" : fmt::format(", {} damaged left out", taken->damaged));
  }
}

Result<void> give_cache(const CiFlags& flags, const engine::CiOptions& options) {
  if (flags.cache_export.empty() || options.cache.folder.empty()) return {};
  TRY(const store::TransferReport given,
      store::export_results(options.cache.folder, flags.cache_export,
                            variable(kCacheSecretVariable)));
  if (flags.quiet) return {};
  if (given.bytes == 0) {
    fmt::print(stderr, "vedette: there is nothing to keep in {} yet\n", flags.cache_export);
  } else {
    fmt::print(stderr, "vedette: {} results, {}, kept in {}\n", grouped(given.results),
               readable_bytes(given.bytes), flags.cache_export);
  }
  return {};
}

// What the user did not say is as the CI system says; no system knows the name of a plain folder.
Result<void> remember(const CiFlags& flags, const engine::CiRun& run) {
  if (flags.history.empty()) return {};
  event::RunFacts facts = find_pipeline_facts(variable);
  facts.commit = run.change.head();
  facts.time = run.gate.report.now;
  for (const auto& [fact, said] : {std::pair{&facts.repository, &flags.facts.repository},
                                   {&facts.branch, &flags.facts.branch},
                                   {&facts.release, &flags.facts.release},
                                   {&facts.pipeline, &flags.facts.pipeline}}) {
    if (!said->empty()) *fact = *said;
  }
  std::error_code error;
  if (facts.repository.empty())
    facts.repository = std::filesystem::current_path(error).filename().string();
  TRY(const engine::HistoryAdded added, engine::keep_run(flags.history, run.gate.report, facts));
  if (!flags.quiet)
    fmt::print(stderr, "vedette: run {} {} {}\n", added.id,
               added.is_new ? "kept in" : "is known in", flags.history);
  return {};
}

int run_ci_command(const CiFlags& flags) {
  if (!flags.folder.empty()) {
    std::error_code error;
    std::filesystem::current_path(flags.folder, error);
    if (error) return usage_error({ErrorCode::kNotFound, flags.folder + ": " + error.message()});
  }
  const auto wanted = wanted_reports(flags.reports);
  if (!wanted) return usage_error(wanted.error());
  if (const auto good = check_comment_flags(flags.comment); !good) return usage_error(good.error());
  if (flags.staged && !flags.history.empty())
    return usage_error({ErrorCode::kInvalid,
                        "expected --history without --staged, which is of no commit; found both"});
  const Result<engine::CiOptions> options = ci_options(flags);
  if (!options) return usage_error(options.error());
  take_cache(flags, *options);
  const auto run = engine::run_ci(*options, install_stop_signal());
  if (!run) return usage_error(run.error());
  if (!(*run)->gate.files.is_usable()) {
    print_problems((*run)->gate.files.problems);
    return usage_error({ErrorCode::kInvalid, "no verdict is made of a policy with errors"});
  }
  if (const Result<void> written = write_all(flags, *wanted, **run); !written)
    return usage_error(written.error());
  ExitCode code = exit_code_of((*run)->gate.report);
  for (const Result<void>& done : {give_cache(flags, *options), remember(flags, **run)}) {
    if (done) continue;
    fmt::print(stderr, "vedette: {}\n", done.error().message);
    if (code == kExitClean) code = kExitPartial;
  }
  return with_comment(flags.comment, (*run)->gate.report, code);
}

}  // namespace

Command ci_command() {
  const auto flags = std::make_shared<CiFlags>();
  Command command{"ci", "Runs every scanner that a change concerns, and judges what they find.",
                  "  vedette ci                                  # the whole tree and its history\n"
                  "  vedette ci --base origin/main --db vulnerabilities.db\n"
                  "  vedette ci --staged                         # before a commit\n"
                  "  vedette ci --image shop.tar --budget 60s    # what does not fit is said\n"
                  "  vedette ci --resume --image shop.tar        # and finished later\n"
                  "  vedette ci --report sarif=gate.sarif --comment github\n"};
  command.flags = flags->rows();
  command.arguments = {{"FOLDER", "The working tree; default: the folder at hand.", &flags->folder,
                        false, ValueKind::kFolder}};
  command.run = [flags] { return run_ci_command(*flags); };
  return command;
}

}  // namespace vedette::cmd
