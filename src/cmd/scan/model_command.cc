// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/model_command.h"

#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "cmd/cache_folder.h"
#include "cmd/content_folder.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/scan/level_gate.h"
#include "cmd/scan/model_bill_run.h"
#include "cmd/scan/model_digest_run.h"
#include "cmd/scan/package_command.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/scan/model_scan.h"
#include "output/finding/finding_formats.h"
#include "output/terminal.h"

namespace vedette::cmd {
namespace {

struct ModelFlags {
  std::vector<std::string> targets;
  bool show = false;
  std::string digests;
  std::string check;
  bool no_cache = false;
  bool reproducible = false;
  std::vector<std::string> excludes;
  std::string format;
  std::string output;
  std::string fail_on;
  unsigned threads = 0;
  bool quiet = false;
};

int run_show(const engine::ModelScanOptions& options) {
  const Result<std::string> shown = engine::show_models(options);
  if (!shown) return usage_error(shown.error());
  for (std::size_t at = 0; at < shown->size();) {
    const std::size_t end = std::min(shown->find('\n', at), shown->size());
    std::string line;
    output::append_terminal(std::string_view(*shown).substr(at, end - at), 100'000, line);
    fmt::print("{}\n", line);
    at = end + 1;
  }
  return kExitClean;
}

constexpr std::string_view kBillFormat = "cyclonedx";

// What reads all bytes of one target.
int run_digests(const ModelFlags& flags) {
  const int ways = static_cast<int>(!flags.digests.empty()) +
                   static_cast<int>(!flags.check.empty()) +
                   static_cast<int>(flags.format == kBillFormat);
  if (flags.targets.size() != 1 || ways != 1) {
    return usage_error({ErrorCode::kInvalid,
                        "expected one file or folder and one of --digests, --check and "
                        "--format cyclonedx, found more"});
  }
  engine::DigestOptions options;
  options.target = flags.targets.front();
  options.ignore.git = false;
  options.ignore.blob_links = true;
  options.ignore.excludes = flags.excludes;
  options.threads = flags.threads;
  if (!flags.no_cache) options.cache.folder = default_cache_folder();
  if (flags.format == kBillFormat)
    return run_model_bill(std::move(options), {flags.output, flags.reproducible, flags.quiet});
  return flags.check.empty() ? run_write_digests(std::move(options), flags.digests, flags.quiet)
                             : run_check_digests(std::move(options), flags.check, flags.quiet);
}

int run_scan_model(ModelFlags flags) {
  if (flags.output == "-") flags.output.clear();
  if (!flags.digests.empty() || !flags.check.empty() || flags.format == kBillFormat)
    return run_digests(flags);
  engine::ModelScanOptions options;
  options.targets = flags.targets;
  options.ignore.git = false;
  options.ignore.blob_links = true;
  options.ignore.excludes = flags.excludes;
  options.threads = flags.threads;
  const Result<std::string> content = find_content_folder();
  if (!content) return usage_error(content.error());
  options.rules.packs = {*content + "/secrets"};
  options.rules.packs_are_ours = true;
  options.rules.cache_folder = default_cache_folder();
  if (flags.show) return run_show(options);
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && flags.output.empty();
  const std::string format = !flags.format.empty() ? flags.format
                             : to_terminal         ? "table"
                                                   : "ndjson";
  Result<output::Writer> writer =
      flags.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                           : output::Writer::to_file(flags.output);
  if (!writer) return usage_error(writer.error());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto sink = output::make_finding_sink(
      format, {.writer = *writer,
               .colour = to_terminal && terminal.colour,
               .width = to_terminal ? terminal.width : 0,
               .version = version_number(),
               .now = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()});
  if (!sink) return usage_error(sink.error());
  LevelGate gate(**sink, level_by_name(flags.fail_on.empty() ? "low" : flags.fail_on));
  const auto summary = engine::scan_models(options, gate, install_stop_signal());
  if (!summary) return usage_error(summary.error());
  const bool lost = print_losses(*summary, flags.quiet);
  return gate.reached() ? kExitBlocked : lost ? kExitPartial : kExitClean;
}

std::vector<Flag> rows(ModelFlags& flags) {
  std::vector<std::string> formats;
  for (const output::FindingFormat& format : output::finding_formats())
    formats.emplace_back(format.name);
  formats.emplace_back(kBillFormat);
  return {
      {"--show", "", "Prints what loading each file would do, as Python-like text.", &flags.show},
      {"--digests",
       "FILE",
       "Writes the SHA-256 of all files and of large ones' shards instead.",
       &flags.digests,
       {},
       ValueKind::kPath},
      {"--check",
       "FILE",
       "Tells what differs from digests that were written before.",
       &flags.check,
       {},
       ValueKind::kPath},
      {"--no-cache", "", "Reads again what is known to be unchanged.", &flags.no_cache},
      {"--exclude", "GLOB",
       "Passes over what it matches, as a line of a .gitignore in the target; given several times.",
       &flags.excludes},
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else ndjson.",
       &flags.format, formats, ValueKind::kChoice},
      output_flag(flags.output),
      {"--reproducible", "", "No time in a bill of materials (cyclonedx).", &flags.reproducible},
      {"--fail-on", "LEVEL", "Exit code 1 when a finding reaches this level; default low.",
       &flags.fail_on, level_names(), ValueKind::kChoice},
      {"--threads", "COUNT", "Threads that scan; default: one per processor.", &flags.threads},
      {"-q,--quiet", "", "No report of losses on stderr.", &flags.quiet},
  };
}

}  // namespace

Command model_command() {
  const auto flags = std::make_shared<ModelFlags>();
  Command command{"model", "Tells what loading a model would do, without loading it.",
                  "  vedette scan model model.pt              # may I load this?\n"
                  "  vedette scan model --show model.pkl      # the pickle as Python-like text\n"
                  "  vedette scan model -f sarif -o models.sarif models\n"
                  "  vedette scan model -f cyclonedx -o bom.json model  # an ML-BOM\n"
                  "  vedette scan model --digests digests.json model  # to sign, and to compare\n"
                  "  vedette scan model --check digests.json model\n"};
  command.flags = rows(*flags);
  command.arguments = {{"PATH", "Model files, or folders with all below them.", &flags->targets,
                        true, ValueKind::kPath}};
  command.run = [flags] { return run_scan_model(*flags); };
  return command;
}

}  // namespace vedette::cmd
