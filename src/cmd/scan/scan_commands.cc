// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/scan_commands.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <system_error>
#include <unistd.h>

#include "base/file.h"
#include "cmd/cache_folder.h"
#include "cmd/content_folder.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/scan/image_command.h"
#include "cmd/scan/leak_report.h"
#include "cmd/scan/level_gate.h"
#include "cmd/scan/model_command.h"
#include "cmd/scan/package_command.h"
#include "cmd/scan/verify_flags.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/scan/leak.h"
#include "engine/scan/secret_scan.h"
#include "output/finding/finding_formats.h"
#include "output/terminal.h"
#include "scan/secrets/decoder.h"
#include "scan/secrets/judge.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kProblemColumns = 500;
constexpr std::uint64_t kBytesPerMebibyte = 1 << 20;
constexpr std::uint64_t kMebibytesMax = std::uint64_t{1} << 40;

struct SecretFlags {
  std::vector<std::string> targets;
  std::vector<std::string> rules;
  bool thorough = false;
  unsigned decode_depth_max = scan::secrets::Decoder::kDepthDefault;
  bool evidence = false;
  std::uint64_t file_mebibytes_max = 64;
  std::uint64_t archive_depth_max = Limits{}.packing_layers_max;
  std::uint64_t archive_mebibytes_max = Limits{}.unpacked_bytes_max / kBytesPerMebibyte;
  bool history = false;
  bool all_objects = false;
  bool staged = false;
  std::string diff;
  std::string explain;
  bool standard_input = false;
  bool no_ignore = false;
  std::vector<std::string> excludes;
  std::string format;
  std::string output;
  std::string fail_on;
  std::string baseline;
  bool update_baseline = false;
  std::string default_rules;
  std::string cache_folder;
  bool no_cache = false;
  unsigned threads = 0;
  bool quiet = false;
  VerifyFlags verify;
};

// With --history a target that is no file is a range of revisions.
void split_ranges(engine::SecretScanOptions& options) {
  std::vector<std::string> repositories;
  for (std::string& target : options.targets) {
    std::error_code error;
    const bool is_there = std::filesystem::exists(target, error);
    (is_there ? repositories : options.ranges).push_back(std::move(target));
  }
  options.targets = std::move(repositories);
}

Result<void> choose_targets(const SecretFlags& flags, engine::SecretScanOptions& options) {
  using engine::TargetKind;
  const int kinds = (flags.history ? 1 : 0) + (flags.staged ? 1 : 0) +
                    (flags.diff.empty() ? 0 : 1) + (flags.standard_input ? 1 : 0);
  if (kinds > 1) {
    return failure(ErrorCode::kInvalid,
                   "expected one of --history, --staged, --diff and --stdin, found several");
  }
  if (!flags.explain.empty() && !flags.history)
    return failure(ErrorCode::kInvalid, "expected --history beside --explain, found none");
  if (flags.all_objects && !flags.history)
    return failure(ErrorCode::kInvalid, "expected --history beside --all-objects, found none");
  options.targets = flags.targets;
  options.all_objects = flags.all_objects;
  if (flags.history) {
    options.kind = TargetKind::kHistory;
    split_ranges(options);
  } else if (flags.staged) {
    options.kind = TargetKind::kStaged;
    // What git tells its hooks.
    if (const char* index = std::getenv("GIT_INDEX_FILE"); index != nullptr)
      options.index_file = index;
  } else if (!flags.diff.empty() || flags.standard_input) {
    if (!options.targets.empty()) {
      return failure(ErrorCode::kInvalid, fmt::format("expected no target beside {}, found {}",
                                                      flags.standard_input ? "--stdin" : "--diff",
                                                      options.targets.front()));
    }
    if (!flags.standard_input) options.kind = TargetKind::kDiff;
    options.targets = {flags.standard_input ? "-" : flags.diff};
  }
  if (options.targets.empty()) options.targets = {"."};
  return {};
}

Result<engine::SecretScanOptions> scan_options(const SecretFlags& flags) {
  engine::SecretScanOptions options;
  TRY_VOID(choose_targets(flags, options));
  options.rules.packs = flags.rules;
  if (options.rules.packs.empty()) {
    TRY(const std::string content, find_content_folder());
    options.rules.packs.push_back(content + "/secrets");
    options.rules.packs_are_ours = true;
  }
  TRY(options.verify, flags.verify.options(options.rules.packs_are_ours));
  if (flags.file_mebibytes_max == 0 || flags.file_mebibytes_max > 4096) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected --max-file-size from 1 to 4096 (MiB), found {}",
                               flags.file_mebibytes_max));
  }
  options.file_bytes_max = flags.file_mebibytes_max * kBytesPerMebibyte;
  if (flags.archive_depth_max > 64) {
    return failure(
        ErrorCode::kInvalid,
        fmt::format("expected --max-archive-depth up to 64, found {}", flags.archive_depth_max));
  }
  options.limits.packing_layers_max = flags.archive_depth_max;
  options.limits.unpacked_bytes_max =
      std::min(flags.archive_mebibytes_max, kMebibytesMax) * kBytesPerMebibyte;
  options.ignore.git = !flags.no_ignore;
  options.ignore.excludes = flags.excludes;
  options.ignore.account = ingest::git_account_of_environment();
  options.scanner.probability_min =
      flags.thorough ? scan::secrets::kProbabilityThorough : scan::secrets::kProbabilityDefault;
  options.scanner.decode_depth_max = flags.decode_depth_max;
  options.threads = flags.threads;
  options.rules.default_pack = flags.default_rules;
  if (!flags.no_cache) {
    options.rules.cache_folder =
        flags.cache_folder.empty() ? default_cache_folder() : flags.cache_folder;
    options.cache.folder = options.rules.cache_folder;
  }
  options.baseline = flags.baseline;
  if (flags.update_baseline) {
    if (flags.baseline.empty()) {
      return failure(ErrorCode::kInvalid,
                     "expected --baseline FILE beside --update-baseline, found none");
    }
    options.baseline_use = engine::BaselineUse::kUpdate;
  }
  return options;
}

ExitCode exit_code_of(const event::ScanSummary& summary, bool blocked) {
  if (blocked) return kExitBlocked;
  bool partial = summary.interrupted || summary.rules_refused > 0;
  for (const event::Skipped& skipped : summary.skipped) partial = partial || skipped.loss;
  for (const Diagnostic& problem : summary.problems)
    partial = partial || problem.kind == DiagnosticKind::kError;
  return partial ? kExitPartial : kExitClean;
}

// For whoever watches while the report goes elsewhere.
void print_end(const event::ScanSummary& summary, const Terminal& terminal) {
  if (terminal.errors) {
    fmt::print(stderr, "{} files, {} in {:.2f} s, {} rules: {} findings\n", grouped(summary.files),
               readable_bytes(summary.bytes), summary.seconds, grouped(summary.rules_loaded),
               grouped(summary.findings));
  }
  const auto say = [](const Diagnostic& problem) {
    std::string line;
    output::append_terminal(to_string(problem.place) + ": " + problem.message, kProblemColumns,
                            line);
    fmt::print(stderr, "vedette: {}\n", line);
  };
  for (const Diagnostic& problem : summary.problems) say(problem);
  for (const event::Skipped& skipped : summary.skipped) {
    if (!skipped.loss) continue;
    fmt::print(stderr, "vedette: {} skipped: {}\n", grouped(skipped.count), skipped.reason);
    for (const Diagnostic& example : skipped.examples) say(example);
  }
}

int run_explain(const engine::SecretScanOptions& options, const SecretFlags& flags,
                const Terminal& terminal) {
  ProgressLine progress(terminal.errors && !flags.quiet);
  const Result<engine::Leak> leak = engine::explain_leak(
      options, flags.explain, install_stop_signal(), [&progress](const engine::ScanProgress& at) {
        progress.update(at.bytes_read, at.bytes_total, at.files, at.findings);
      });
  progress.clear();
  if (!leak) return usage_error(leak.error());
  fmt::print("{}", leak_report(*leak));
  return kExitBlocked;
}

int run_scan_secrets(SecretFlags flags) {
  if (flags.output == "-") flags.output.clear();
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && flags.output.empty();
  const std::string format =
      !flags.format.empty() ? flags.format : (to_terminal ? "table" : "ndjson");
  const Result<engine::SecretScanOptions> options = scan_options(flags);
  if (!options) return usage_error(options.error());
  if (!flags.explain.empty()) return run_explain(*options, flags, terminal);
  Result<output::Writer> writer =
      flags.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                           : output::Writer::to_file(flags.output);
  if (!writer) return usage_error(writer.error());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Result<std::unique_ptr<event::FindingSink>> sink = output::make_finding_sink(
      format, {.writer = *writer,
               .colour = to_terminal && terminal.colour,
               .evidence = flags.evidence,
               .width = to_terminal ? terminal.width : 0,
               .version = version_number(),
               .now = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()});
  if (!sink) return usage_error(sink.error());
  LevelGate gate(**sink, level_by_name(flags.fail_on.empty() ? "low" : flags.fail_on));
  ProgressLine progress(terminal.errors && !to_terminal && !flags.quiet);
  const Result<event::ScanSummary> summary = engine::scan_secrets(
      *options, gate, install_stop_signal(), [&progress](const engine::ScanProgress& at) {
        progress.update(at.bytes_read, at.bytes_total, at.files, at.findings);
      });
  progress.clear();
  if (!summary) return usage_error(summary.error());
  if (!flags.quiet && !(flags.output.empty() && format == "table")) print_end(*summary, terminal);
  // What has just been taken over blocks no more.
  return exit_code_of(*summary, gate.reached() && !flags.update_baseline);
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const output::FindingFormat& format : output::finding_formats()) {
    if (!format.only_vulnerabilities) names.emplace_back(format.name);
  }
  return names;
}

std::vector<Flag> target_rows(SecretFlags& flags) {
  return {
      {"--history", "",
       "Targets are repositories: scans each blob of their histories once. A target that is no "
       "file is a range of commits (main..HEAD).",
       &flags.history},
      {"--all-objects", "", "With --history: also what no branch, tag or reflog leads to.",
       &flags.all_objects},
      {"--explain", "FINDING",
       "With --history: since when a secret is known, who could have seen it, and what to do. "
       "FINDING: its identity, or the begin of it.",
       &flags.explain},
      {"--staged", "", "Targets are repositories: scans the lines that are staged and new.",
       &flags.staged},
      {"--diff",
       "FILE",
       "Scans the lines that a unified diff adds; - for standard input.",
       &flags.diff,
       {},
       ValueKind::kPath},
      {"--stdin", "", "Scans standard input, as the target - does.", &flags.standard_input},
  };
}

std::vector<Flag> secret_rows(SecretFlags& flags) {
  return {
      {"--rules",
       "PATH",
       "Rules in gitleaks' TOML, files or folders; given several times, later ones go first. "
       "Default: our own.",
       &flags.rules,
       {},
       ValueKind::kPath},
      {"--default-rules",
       "FILE",
       "What `useDefault` in a file of rules stands for.",
       &flags.default_rules,
       {},
       ValueKind::kPath},
      {"--baseline",
       "FILE",
       "Findings that are known, one a line; they are counted, not shown.",
       &flags.baseline,
       {},
       ValueKind::kPath},
      {"--update-baseline", "", "Adds what is found to the baseline, and makes it if missing.",
       &flags.update_baseline},
      {"--thorough", "", "Shows also what is less likely to be a secret.", &flags.thorough},
      {"-v,--evidence", "", "Table: says why each finding is believed.", &flags.evidence},
      {"--exclude", "GLOB",
       "Passes over what it matches, as a line of a .gitignore in the target; given several times.",
       &flags.excludes},
      {"--no-ignore", "", "Scans also what git ignores; .vedetteignore still holds.",
       &flags.no_ignore},
      {"--max-file-size", "MIB", "Passes over larger files, and says so; default 64.",
       &flags.file_mebibytes_max},
      {"--max-decode-depth", "COUNT",
       "Encodings in each other (base64, hex, percent, escapes) that are undone; default 2, 0: "
       "none.",
       &flags.decode_depth_max},
      {"--max-archive-depth", "COUNT",
       "Archives and compressed layers in each other that are entered; default 8.",
       &flags.archive_depth_max},
      {"--max-archive-size", "MIB", "Unpacked bytes of one stored file, in all; default 32768.",
       &flags.archive_mebibytes_max},
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else ndjson.",
       &flags.format, format_names(), ValueKind::kChoice},
      output_flag(flags.output),
      {"--fail-on", "LEVEL", "Exit code 1 when a finding reaches this level; default low.",
       &flags.fail_on, level_names(), ValueKind::kChoice},
      {"--cache-dir",
       "FOLDER",
       "Where loaded rules and results are kept for the next run; default ~/.cache/vedette.",
       &flags.cache_folder,
       {},
       ValueKind::kPath},
      {"--no-cache", "", "Keeps nothing for the next run, and takes nothing of the last.",
       &flags.no_cache},
      {"--threads", "COUNT", "Threads that scan; default: one per processor.", &flags.threads},
      {"-q,--quiet", "", "No progress and no report of losses on stderr.", &flags.quiet},
  };
}

Command secrets_command() {
  const auto flags = std::make_shared<SecretFlags>();
  Command command{"secrets", "Finds leaked credentials in files, folders and archives.",
                  "  vedette scan secrets .                        # a source tree\n"
                  "  vedette scan secrets --rules gitleaks.toml .  # your own rules\n"
                  "  vedette scan secrets --staged                 # before a commit\n"
                  "  vedette scan secrets --history                # all that was ever committed\n"
                  "  vedette scan secrets --history main..HEAD     # what a branch adds\n"
                  "  git diff | vedette scan secrets --diff -      # the lines that a diff adds\n"
                  "  vedette scan secrets --no-ignore --exclude 'test/**' .\n"
                  "  vedette scan secrets --verify .               # asks providers what is live\n"
                  "  vedette scan secrets -f sarif -o secrets.sarif src config.tar.gz\n"};
  command.flags = target_rows(*flags);
  for (Flag& flag : secret_rows(*flags)) command.flags.push_back(std::move(flag));
  for (Flag& flag : flags->verify.rows()) command.flags.push_back(std::move(flag));
  command.arguments = {{"TARGET",
                        "Files, folders (with all below them) or - for standard input; default: "
                        "the folder at hand.",
                        &flags->targets, false, ValueKind::kPath}};
  command.run = [flags] { return run_scan_secrets(*flags); };
  return command;
}

}  // namespace

Command scan_command() {
  return {"scan", "Looks for what should not ship: secrets, packages, models.",
          "  vedette scan secrets .\n  vedette scan packages .\n"
          "  vedette scan image app.tar\n  vedette scan sbom bom.json\n"
          "  vedette scan model model.pt\n"};
}

std::vector<Command> scan_commands(std::string_view name) {
  constexpr auto kCommands = std::to_array<CommandRow>({
      {"secrets", secrets_command},
      {"packages", package_command},
      {"image", image_command},
      {"sbom", sbom_command},
      {"model", model_command},
  });
  return commands_named(kCommands, name);
}

}  // namespace vedette::cmd
