// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/package_command.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <system_error>
#include <unistd.h>

#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/scan/diff_run.h"
#include "cmd/scan/vulnerability_run.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/scan/package_scan.h"
#include "output/finding/finding_formats.h"
#include "output/package/package_formats.h"
#include "output/terminal.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kProblemColumns = 500;

struct PackageFlags {
  engine::PackageTargets kind = engine::PackageTargets::kTrees;
  std::vector<std::string> targets;
  std::vector<std::string> excludes;
  bool no_ignore = false;
  bool installed = false;
  std::string jars;
  bool reproducible = false;
  std::string format;
  std::string output;
  bool quiet = false;
  std::string before;
  VulnerabilityFlags vulnerabilities;
};

// What a bill of materials is about: the last name of a path, as it really is.
std::string subject_of(const std::vector<std::string>& targets) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::weakly_canonical(targets.front(), error);
  std::string name = path.filename().string();
  return name.empty() ? "root" : name;
}

int run_scan_packages(PackageFlags flags) {
  if (flags.output == "-") flags.output.clear();
  if (flags.targets.empty()) flags.targets.emplace_back(".");
  engine::PackageScanOptions options;
  options.kind = flags.kind;
  options.targets = flags.targets;
  options.ignore.git = !flags.no_ignore;
  options.ignore.excludes = flags.excludes;
  options.ignore.account = ingest::git_account_of_environment();
  options.installed = flags.installed;
  if (const Result<void> right = flags.vulnerabilities.check(); !right)
    return usage_error(right.error());
  Result<std::shared_ptr<const formats::packages::JarTable>> jars = open_jar_table(flags.jars);
  if (!jars) return usage_error(jars.error());
  options.jars = std::move(*jars);
  const VulnerabilityReport report = {flags.format, flags.output, flags.quiet, flags.reproducible,
                                      subject_of(flags.targets)};
  if (!flags.before.empty())
    return run_package_diff(flags.before, flags.vulnerabilities, report, options);
  if (!flags.vulnerabilities.database.empty())
    return run_vulnerabilities(flags.vulnerabilities, report, std::move(options));
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && flags.output.empty();
  const std::string name = !flags.format.empty() ? flags.format : to_terminal ? "table" : "ndjson";
  const output::PackageFormat* format = output::package_format(name);
  if (format == nullptr) {
    return usage_error({ErrorCode::kInvalid,
                        fmt::format("expected --db FILE for the format {}, found none", name)});
  }
  Result<output::Writer> writer =
      flags.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                           : output::Writer::to_file(flags.output);
  if (!writer) return usage_error(writer.error());
  const Result<engine::PackageScan> scan = engine::scan_packages(options, install_stop_signal());
  if (!scan) return usage_error(scan.error());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string subject = subject_of(flags.targets);
  const Result<void> written = format->write(
      scan->files, scan->summary,
      {.writer = *writer,
       .colour = to_terminal && terminal.colour,
       .width = to_terminal ? terminal.width : 0,
       .subject = subject,
       .version = version_number(),
       .now = flags.reproducible
                  ? 0
                  : std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()});
  if (!written) {
    fmt::print(stderr, "vedette: {}\n", written.error().message);
    return kExitPartial;
  }
  return print_losses(scan->summary, flags.quiet) ? kExitPartial : kExitClean;
}

std::vector<Flag> report_rows(PackageFlags& flags) {
  std::vector<std::string> formats;
  for (const output::PackageFormat& format : output::package_formats())
    formats.emplace_back(format.name);
  for (const output::FindingFormat& format : output::finding_formats()) {
    if (std::ranges::find(formats, format.name) == formats.end()) formats.emplace_back(format.name);
  }
  formats.emplace_back("markdown");
  std::vector<Flag> rows = flags.vulnerabilities.rows();
  std::vector<Flag> own = {
      {"-f,--format", "FORMAT", "What is written; default: table on a terminal, else ndjson.",
       &flags.format, formats, ValueKind::kChoice},
      output_flag(flags.output),
      {"--diff",
       "OLD",
       "Says what changed since OLD, of the same kind as the target: packages, and with --db "
       "vulnerabilities, of which only new ones make the exit code.",
       &flags.before,
       {},
       ValueKind::kPath},
      {"--reproducible", "",
       "Bills of materials: without the time, so that the same input gives the same bytes.",
       &flags.reproducible},
      {"-q,--quiet", "", "No report of losses on stderr.", &flags.quiet},
  };
  for (Flag& flag : own) rows.push_back(std::move(flag));
  return rows;
}

std::vector<Flag> tree_rows(PackageFlags& flags) {
  return {
      {"--installed", "", "Reads also what lies installed in the tree (node_modules, vendor …).",
       &flags.installed},
      jars_flag(flags.jars),
      {"--exclude", "GLOB",
       "Passes over what it matches, as a line of a .gitignore in the target; given several times.",
       &flags.excludes},
      {"--no-ignore", "", "Reads also what git ignores; .vedetteignore still holds.",
       &flags.no_ignore},
  };
}

}  // namespace

Flag jars_flag(std::string& jars) {
  return {"--jars",
          "FILE",
          "Names also the libraries that were taken into jars without their names, by the classes "
          "in this table (`vedette db jars`).",
          &jars,
          {},
          ValueKind::kPath};
}

Result<std::shared_ptr<const formats::packages::JarTable>> open_jar_table(const std::string& path) {
  if (path.empty()) return nullptr;
  TRY(formats::packages::JarTable table, formats::packages::JarTable::open(path));
  return std::make_shared<const formats::packages::JarTable>(std::move(table));
}

bool print_losses(const event::ScanSummary& summary, bool quiet) {
  bool lost = summary.interrupted || summary.rules_refused > 0;
  const auto say = [quiet](const Diagnostic& problem) {
    if (quiet) return;
    std::string line;
    output::append_terminal(to_string(problem.place) + ": " + problem.message, kProblemColumns,
                            line);
    fmt::print(stderr, "vedette: {}\n", line);
  };
  for (const Diagnostic& problem : summary.problems) {
    lost = lost || problem.kind == DiagnosticKind::kError;
    say(problem);
  }
  for (const event::Skipped& skipped : summary.skipped) {
    lost = lost || skipped.loss;
    if (!skipped.loss || quiet) continue;
    fmt::print(stderr, "vedette: {} skipped: {}\n", skipped.count, skipped.reason);
    for (const Diagnostic& example : skipped.examples) say(example);
  }
  return lost;
}

Command sbom_command() {
  const auto flags = std::make_shared<PackageFlags>();
  flags->kind = engine::PackageTargets::kSboms;
  Command command{"sbom", "Reads bills of materials: CycloneDX and SPDX.",
                  "  vedette scan sbom bom.json                # what it names\n"
                  "  vedette scan sbom --db vulnerabilities.db bom.json\n"
                  "  vedette scan sbom --db vulnerabilities.db --diff old.json new.json\n"
                  "  vedette scan sbom -f spdx -o bom.spdx.json bom.json\n"};
  command.flags = report_rows(*flags);
  command.arguments = {{"FILE",
                        "Bills of materials in JSON, SPDX also as tags; - for standard "
                        "input.",
                        &flags->targets, true, ValueKind::kPath}};
  command.run = [flags] { return run_scan_packages(*flags); };
  return command;
}

Command package_command() {
  const auto flags = std::make_shared<PackageFlags>();
  Command command{"packages",
                  "Lists what lock files and manifests name, or what is known about it.",
                  "  vedette scan packages .                        # a source tree\n"
                  "  vedette scan packages -f json -o packages.json frontend\n"
                  "  vedette scan packages -f cyclonedx -o bom.json .  # or spdx\n"
                  "  vedette scan packages --db vulnerabilities.db --fail-on high .\n"
                  "  vedette scan packages --installed --no-ignore .  # node_modules too\n"};
  command.flags = tree_rows(*flags);
  for (Flag& flag : report_rows(*flags)) command.flags.push_back(std::move(flag));
  command.arguments = {{"TARGET", "Files or folders; default: the folder at hand.", &flags->targets,
                        false, ValueKind::kPath}};
  command.run = [flags] { return run_scan_packages(*flags); };
  return command;
}

}  // namespace vedette::cmd
