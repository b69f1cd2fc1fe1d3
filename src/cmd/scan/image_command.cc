// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/image_command.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "base/json_writer.h"
#include "cmd/cache_folder.h"
#include "cmd/content_folder.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/scan/diff_run.h"
#include "cmd/scan/image_origin_flags.h"
#include "cmd/scan/package_command.h"
#include "cmd/scan/vulnerability_run.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/image/image_findings.h"
#include "output/finding/finding_formats.h"
#include "output/package/package_formats.h"
#include "output/terminal.h"
#include "scan/secrets/judge.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kProblemColumns = 500;

struct ImageFlags {
  std::vector<std::string> targets;
  std::string root;
  std::string platform;
  std::string name;
  std::string before;
  std::string only;
  std::vector<std::string> rules;
  bool thorough = false;
  std::string format;
  std::string output;
  VulnerabilityFlags vulnerabilities;
  ImageOriginFlags origin;
  std::string cache_folder;
  bool no_cache = false;
  unsigned threads = 0;
  bool own_statements = false;
  bool attached = false;
  bool models = false;
  std::string jars;
  bool file_names = false;
  bool reproducible = false;
  bool quiet = false;
};

// Bills of materials have no place for secrets.
bool is_bill(std::string_view format) { return format == "cyclonedx" || format == "spdx"; }

TimeNs now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

Result<engine::ImageFindingsOptions> image_options(const ImageFlags& flags) {
  if (flags.targets.size() + (flags.root.empty() ? 0 : 1) != 1) {
    return failure(ErrorCode::kInvalid,
                   "expected one image or --rootfs FOLDER, found none or several");
  }
  engine::ImageFindingsOptions wanted;
  wanted.root = flags.root;
  wanted.vulnerabilities = flags.vulnerabilities.options(now());
  wanted.own_statements = flags.own_statements;
  wanted.baseline = {flags.vulnerabilities.baseline, flags.vulnerabilities.update_baseline};
  engine::ImageScanOptions& options = wanted.scan;
  if (!flags.targets.empty()) options.target = flags.targets.front();
  TRY(options.origin, flags.origin.origin());
  options.platform = flags.platform;
  options.name = flags.name;
  options.attached = flags.attached;
  options.models = flags.models;
  if (flags.models && (flags.only == "packages" || !flags.root.empty())) {
    return failure(ErrorCode::kInvalid,
                   "expected --models without --only packages and --rootfs (whose models "
                   "`vedette scan model FOLDER` judges), found both");
  }
  options.packages = flags.only != "secrets";
  // SPDX alone asks for sums.
  if (flags.file_names)
    options.files =
        flags.format == "spdx" ? engine::FileTelling::kSums : engine::FileTelling::kNames;
  TRY(options.jars, open_jar_table(flags.jars));
  options.secrets = flags.only != "packages";
  options.threads = flags.threads;
  options.scanner.probability_min =
      flags.thorough ? scan::secrets::kProbabilityThorough : scan::secrets::kProbabilityDefault;
  options.rules.packs = flags.rules;
  if (options.rules.packs.empty()) {
    const Result<std::string> content = find_content_folder();
    if (!content && options.secrets) return std::unexpected(content.error());
    if (content) options.rules.packs.push_back(*content + "/secrets");
    options.rules.packs_are_ours = true;
  }
  if (!flags.no_cache) {
    options.rules.cache_folder =
        flags.cache_folder.empty() ? default_cache_folder() : flags.cache_folder;
    options.cache.folder = options.rules.cache_folder;
  }
  return wanted;
}

void append_image(const engine::ImageScan& scan, JsonWriter& json) {
  json.begin_object().key("type").string("image").key("name").string(scan.name);
  json.key("platform").string(scan.platform).key("config").string(scan.config_digest);
  if (!scan.from_kind.empty()) {
    json.key("source").begin_object().key("kind").string(scan.from_kind);
    json.key("place").string(scan.from_place).end_object();
  }
  json.key("system").string(scan.system.name);
  json.key("distribution").string(scan.system.distribution());
  if (!scan.base.name.empty()) {
    json.key("base").begin_object().key("name").string(scan.base.name);
    json.key("digest").string(scan.base.digest).end_object();
  }
  json.key("layers").begin_array();
  for (const engine::ScannedLayer& layer : scan.layers) {
    json.begin_object().key("digest").string(layer.digest);
    json.key("instruction").string(layer.instruction);
    json.key("entries").number(layer.entries).key("bytes").number(layer.bytes);
    json.key("base").boolean(layer.base).end_object();
  }
  json.end_array().end_object();
}

void append_image_lines(const engine::ImageScan& scan, std::size_t width, std::string& out) {
  const auto line = [&](const std::string& text) {
    output::append_terminal(text, width == 0 ? kProblemColumns : width, out);
    out += '\n';
  };
  line(fmt::format("{}{}{}, {}", scan.name, scan.name.empty() ? "" : ", ",
                   scan.platform.empty() ? "no platform" : scan.platform,
                   scan.system.name.empty() ? "no known distribution" : scan.system.name));
  if (!scan.from_kind.empty()) line(fmt::format("from {} {}", scan.from_kind, scan.from_place));
  if (!scan.base.name.empty())
    line(fmt::format("built on {} {}", scan.base.name, scan.base.digest));
  for (std::size_t i = 0; i < scan.layers.size(); ++i) {
    const engine::ScannedLayer& layer = scan.layers[i];
    line(fmt::format("layer {} {} {} entries, {}{}: {}", i + 1, layer.digest.substr(0, 19),
                     grouped(layer.entries), readable_bytes(layer.bytes),
                     layer.base ? ", of the base image" : "", layer.instruction));
  }
  out += '\n';
}

// What only package reports say of the summary.
event::ScanSummary summary_of_packages(const engine::ImageScan& scan, bool with_problems) {
  event::ScanSummary summary;
  summary.scanner = "packages";
  summary.findings = scan.packages;
  summary.files = scan.files.size();
  summary.interrupted = scan.summary.interrupted;
  if (with_problems) {
    summary.problems = scan.summary.problems;
    summary.skipped = scan.summary.skipped;
  }
  return summary;
}

class Report {
 public:
  Report(const engine::ImageScan& scan, const engine::ImageFindingsOptions& options,
         const ImageFlags& flags)
      : scan_(scan),
        options_(options),
        flags_(flags),
        is_judged_(!options.vulnerabilities.database.empty()) {}

  Result<void> write(const std::string& format, output::Writer& writer, const Terminal& terminal,
                     bool to_terminal) {
    colour_ = to_terminal && terminal.colour;
    width_ = to_terminal ? terminal.width : 0;
    const output::PackageFormat* const packages = output::package_format(format);
    if (packages != nullptr && is_bill(format)) return write_packages(*packages, writer);
    if (packages == nullptr) return write_findings(format, writer);
    std::string text;
    if (format == "json") {
      TRY_VOID(write_json(*packages, text));
    } else {
      TRY_VOID(write_parts(*packages, format, text));
    }
    TRY_VOID(writer.write(text));
    return writer.finish();
  }

 private:
  // One after the other: what is known of the packages, or what they are, then secrets.
  Result<void> write_parts(const output::PackageFormat& packages, const std::string& format,
                           std::string& text) {
    if (format == "ndjson") {
      JsonWriter json(text);
      append_image(scan_, json);
      text += '\n';
    } else {
      append_image_lines(scan_, width_, text);
    }
    if (is_judged_ && format == "ndjson") return append_findings(format, text);
    if (options_.scan.packages)
      TRY_VOID(is_judged_ ? append_vulnerabilities(format, text) : append_packages(packages, text));
    if (options_.scan.packages && options_.scan.secrets && format == "table") text += '\n';
    return options_.scan.secrets ? append_secrets(format, text) : Result<void>();
  }

  Result<void> write_packages(const output::PackageFormat& format, output::Writer& writer) {
    const std::string_view subject = scan_.name.empty() ? options_.scan.target : scan_.name;
    const std::string purl = engine::image_purl(scan_);
    return format.write(scan_.files, summary_of_packages(scan_, !options_.scan.secrets),
                        {.writer = writer,
                         .colour = colour_,
                         .width = width_,
                         .subject = subject,
                         .version = version_number(),
                         .now = flags_.reproducible ? 0 : options_.vulnerabilities.now,
                         .findings = is_judged_ ? &scan_.vulnerabilities : nullptr,
                         .subject_purl = purl});
  }

  Result<void> append_packages(const output::PackageFormat& format, std::string& text) {
    output::Writer writer = output::Writer::to_string(text);
    return write_packages(format, writer);
  }

  Result<void> write_json(const output::PackageFormat& packages, std::string& text) {
    JsonWriter json(text);
    text += "{\"image\":";
    append_image(scan_, json);
    const auto append_part = [&text](std::string_view key, const std::string& part) {
      text += fmt::format(",\"{}\":", key);
      text += std::string_view(part).substr(0, part.find_last_not_of('\n') + 1);
    };
    if (options_.scan.packages) {
      std::string part;
      TRY_VOID(is_judged_ ? append_vulnerabilities("json", part) : append_packages(packages, part));
      append_part(is_judged_ ? "vulnerabilities" : "packages", part);
    }
    if (options_.scan.secrets) {
      std::string part;
      TRY_VOID(append_secrets("json", part));
      append_part("secrets", part);
    }
    text += "}\n";
    return {};
  }

  Result<std::unique_ptr<event::FindingSink>> make_sink(const std::string& format,
                                                        event::FindingClass kind,
                                                        output::Writer& writer) const {
    return output::make_finding_sink(format, {.writer = writer,
                                              .colour = colour_,
                                              .evidence = flags_.vulnerabilities.evidence,
                                              .suppressed = flags_.vulnerabilities.show_suppressed,
                                              .width = width_,
                                              .version = version_number(),
                                              .now = options_.vulnerabilities.now,
                                              .kind = kind});
  }

  Result<void> append_vulnerabilities(const std::string& format, std::string& text) const {
    output::Writer writer = output::Writer::to_string(text);
    TRY(const auto sink, make_sink(format, event::FindingClass::kVulnerability, writer));
    for (const event::Finding& finding : scan_.vulnerabilities) TRY_VOID(sink->write(finding));
    event::ScanSummary summary = summary_of_packages(scan_, !options_.scan.secrets);
    summary.findings = scan_.vulnerabilities.size();
    summary.rules_loaded = scan_.advisories;
    summary.seconds = scan_.summary.seconds;
    summary.suppressed = scan_.summary.suppressed;
    summary.statements = scan_.summary.statements;
    summary.statements_unused = scan_.summary.statements_unused;
    return sink->finish(summary);
  }

  Result<void> append_secrets(const std::string& format, std::string& text) const {
    output::Writer writer = output::Writer::to_string(text);
    TRY(const auto sink, make_sink(format, event::FindingClass::kDetection, writer));
    for (const event::Finding& finding : scan_.findings) TRY_VOID(sink->write(finding));
    event::ScanSummary summary = scan_.summary;
    summary.findings = scan_.findings.size();
    summary.rules_loaded -= scan_.advisories;
    summary.suppressed = summary.statements = summary.statements_unused = 0;
    return sink->finish(summary);
  }

  Result<void> append_findings(const std::string& format, std::string& text) const {
    output::Writer writer = output::Writer::to_string(text);
    return write_findings(format, writer);
  }

  // All of them in one report.
  Result<void> write_findings(const std::string& format, output::Writer& writer) const {
    const event::FindingClass kind =
        is_judged_ ? event::FindingClass::kVulnerability : event::FindingClass::kDetection;
    TRY(const auto sink, make_sink(format, kind, writer));
    for (const event::Finding& finding : scan_.vulnerabilities) TRY_VOID(sink->write(finding));
    for (const event::Finding& finding : scan_.findings) TRY_VOID(sink->write(finding));
    return sink->finish(scan_.summary);
  }

  const engine::ImageScan& scan_;
  const engine::ImageFindingsOptions& options_;
  const ImageFlags& flags_;
  const bool is_judged_;
  bool colour_ = false;
  unsigned width_ = 0;
};

// What cannot be said in one report.
Result<void> check_format(const std::string& format, const engine::ImageFindingsOptions& options) {
  const bool is_judged = !options.vulnerabilities.database.empty();
  if (is_judged && !options.scan.packages) {
    return failure(ErrorCode::kInvalid, "expected --db without --only secrets, found both");
  }
  if (!options.scan.secrets && !is_judged && output::package_format(format) == nullptr) {
    return failure(
        ErrorCode::kInvalid,
        fmt::format("expected --db FILE for the format {} beside --only packages, found none",
                    format));
  }
  if (format == "gitlab" && is_judged && options.scan.secrets) {
    return failure(ErrorCode::kInvalid,
                   "expected --only packages or --only secrets for the format gitlab, which has a "
                   "report for each, found neither");
  }
  return {};
}

bool reaches(const std::vector<event::Finding>& findings, event::Level level) {
  return std::ranges::any_of(findings, [level](const event::Finding& finding) {
    return finding.severity >= level && !event::is_suppressed(finding);
  });
}

// Packages of an image, and what is known of them.
Result<DiffSide> read_side(const engine::ImageFindingsOptions& options) {
  TRY(engine::ImageScan scan, engine::find_in_image(options, install_stop_signal()));
  DiffSide side;
  side.name = scan.name.empty() ? options.scan.target : scan.name;
  side.files = std::move(scan.files);
  side.findings = std::move(scan.vulnerabilities);
  side.summary = std::move(scan.summary);
  return side;
}

int run_image_diff(const ImageFlags& flags, engine::ImageFindingsOptions options) {
  if (const Result<void> right = check_diff_format(flags.format); !right)
    return usage_error(right.error());
  if (options.baseline.update || !options.scan.packages || !options.root.empty())
    return usage_error({ErrorCode::kInvalid,
                        "expected --diff without --update-baseline, --rootfs and --only secrets"});
  options.scan.secrets = false;
  engine::ImageFindingsOptions old = options;
  old.scan.target = flags.before;
  const Result<DiffSide> from = read_side(old);
  if (!from) return usage_error(from.error());
  const Result<DiffSide> to = read_side(options);
  if (!to) return usage_error(to.error());
  return report_diff(*from, *to, flags.vulnerabilities,
                     {.format = flags.format, .output = flags.output, .quiet = flags.quiet});
}

int run_scan_image(ImageFlags flags) {
  if (flags.output == "-") flags.output.clear();
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && flags.output.empty();
  const std::string format = !flags.format.empty() ? flags.format
                             : to_terminal         ? "table"
                                                   : "ndjson";
  if (is_bill(format)) {
    if (flags.only == "secrets") {
      return usage_error(
          {ErrorCode::kInvalid,
           fmt::format("expected another format beside --only secrets than {}", format)});
    }
    flags.only = "packages";
  }
  if (const Result<void> right = flags.vulnerabilities.check(); !right)
    return usage_error(right.error());
  const Result<engine::ImageFindingsOptions> options = image_options(flags);
  if (!options) return usage_error(options.error());
  if (!flags.before.empty()) return run_image_diff(flags, *options);
  if (const Result<void> right = check_format(format, *options); !right)
    return usage_error(right.error());
  Result<output::Writer> writer =
      flags.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                           : output::Writer::to_file(flags.output);
  if (!writer) return usage_error(writer.error());
  const Result<engine::ImageScan> scan = engine::find_in_image(*options, install_stop_signal());
  if (!scan) return usage_error(scan.error());
  if (const Result<void> written =
          Report(*scan, *options, flags).write(format, *writer, terminal, to_terminal);
      !written) {
    fmt::print(stderr, "vedette: {}\n", written.error().message);
    return kExitPartial;
  }
  const std::string& fail_on = flags.vulnerabilities.fail_on;
  const event::Level level = level_by_name(fail_on.empty() ? "low" : fail_on);
  const bool lost = print_losses(scan->summary, flags.quiet);
  // What has just been taken over blocks no more.
  const bool blocked = !options->baseline.update &&
                       (reaches(scan->findings, level) || reaches(scan->vulnerabilities, level));
  return blocked ? kExitBlocked : lost ? kExitPartial : kExitClean;
}

std::vector<std::string> image_formats() {
  std::vector<std::string> formats;
  for (const output::FindingFormat& format : output::finding_formats())
    formats.emplace_back(format.name);
  for (const output::PackageFormat& format : output::package_formats()) {
    if (is_bill(format.name)) formats.emplace_back(format.name);
  }
  formats.emplace_back("markdown");
  return formats;
}

std::vector<Flag> image_rows(ImageFlags& flags) {
  std::vector<Flag> rows = {
      {"--diff",
       "OLD",
       "Says what changed since another image: packages, and with --db vulnerabilities, of which "
       "only new ones make the exit code.",
       &flags.before,
       {},
       ValueKind::kPath},
      {"--rootfs",
       "FOLDER",
       "Instead of an image: a root file system that is mounted or unpacked.",
       &flags.root,
       {},
       ValueKind::kPath},
      {"--platform", "OS/ARCH", "Of an image for several; default linux/amd64.", &flags.platform},
      {"--name", "NAME", "Of several images in an archive: a tag, or part of a digest.",
       &flags.name},
      {"--only",
       "WHAT",
       "packages or secrets; default: both.",
       &flags.only,
       {"packages", "secrets"},
       ValueKind::kChoice},
      {"--rules",
       "PATH",
       "Rules for secrets in gitleaks' TOML; given several times. Default: our own.",
       &flags.rules,
       {},
       ValueKind::kPath},
      {"--thorough", "", "Shows also what is less likely to be a secret.", &flags.thorough},
      {"-f,--format", "FORMAT",
       "What is written; default: table on a terminal, else ndjson. Packages are in table, "
       "json and ndjson; cyclonedx and spdx hold nothing else.",
       &flags.format, image_formats(), ValueKind::kChoice},
      output_flag(flags.output),
      {"--cache-dir",
       "FOLDER",
       "Where loaded rules and results of layers are kept for the next run; default "
       "~/.cache/vedette.",
       &flags.cache_folder,
       {},
       ValueKind::kPath},
      {"--no-cache", "", "Keeps nothing for the next run.", &flags.no_cache},
      {"--threads", "COUNT", "Layers that are read at once; default: one per processor.",
       &flags.threads},
      {"--image-vex", "", "Obeys also the statements (VEX) that lie in the image itself.",
       &flags.own_statements},
      {"--files", "",
       "Tells which files belong to each package of the distribution: in json, ndjson, cyclonedx "
       "and spdx, there with the SHA-1 of each.",
       &flags.file_names},
      {"--reproducible", "",
       "Bills of materials: without the time, so that the same image gives the same bytes.",
       &flags.reproducible},
      jars_flag(flags.jars),
      {"--models", "", "Also judges model files, as `vedette scan model` does.", &flags.models},
      {"--attached-vex", "",
       "Asks the registry for statements (VEX) that are attached to the image, and obeys them.",
       &flags.attached},
      {"-q,--quiet", "", "No report of losses on stderr.", &flags.quiet},
  };
  for (Flag& flag : flags.origin.rows()) rows.push_back(std::move(flag));
  for (Flag& flag : flags.vulnerabilities.rows()) rows.push_back(std::move(flag));
  return rows;
}

}  // namespace

Command image_command() {
  const auto flags = std::make_shared<ImageFlags>();
  Command command{
      "image",
      "Lists packages of an image, or what is known about them, and finds secrets in all layers.",
      "  docker save -o app.tar app:latest && vedette scan image app.tar\n"
      "  vedette scan image --db vulnerabilities.db app.tar\n"
      "  vedette scan image layout/                     # an OCI layout\n"
      "  vedette scan image registry.example/team/app:1.4   # from a registry\n"
      "  vedette scan image --only packages -f json app.tar\n"
      "  vedette scan image --rootfs /mnt               # a mounted file system\n"};
  command.flags = image_rows(*flags);
  command.arguments = {
      {"IMAGE",
       "An archive of docker save, an OCI layout as an archive or a folder, or the name of an "
       "image in a registry.",
       &flags->targets, false, ValueKind::kPath}};
  command.run = [flags] { return run_scan_image(*flags); };
  return command;
}

}  // namespace vedette::cmd
