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
#include "cmd/rule_flags.h"
#include "cmd/scan/package_command.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/scan/image_scan.h"
#include "engine/scan/root_scan.h"
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
  std::string only;
  std::vector<std::string> rules;
  bool thorough = false;
  bool evidence = false;
  std::string format;
  std::string output;
  std::string fail_on;
  std::string cache_folder;
  bool no_cache = false;
  unsigned threads = 0;
  bool quiet = false;
};

// Bills of materials have no place for secrets.
bool is_bill(std::string_view format) { return format == "cyclonedx" || format == "spdx"; }

Result<engine::ImageScanOptions> image_options(const ImageFlags& flags) {
  if (flags.targets.size() + (flags.root.empty() ? 0 : 1) != 1) {
    return failure(ErrorCode::kInvalid,
                   "expected one image or --rootfs FOLDER, found none or several");
  }
  engine::ImageScanOptions options;
  if (!flags.targets.empty()) options.target = flags.targets.front();
  options.platform = flags.platform;
  options.name = flags.name;
  options.packages = flags.only != "secrets";
  options.secrets = flags.only != "packages";
  options.threads = flags.threads;
  options.scanner.probability_min =
      flags.thorough ? scan::secrets::kProbabilityThorough : scan::secrets::kProbabilityDefault;
  options.rules.packs = flags.rules;
  if (options.secrets && options.rules.packs.empty()) {
    TRY(const std::string content, find_content_folder());
    options.rules.packs.push_back(content + "/secrets");
    options.rules.packs_are_ours = true;
  }
  if (!flags.no_cache) {
    options.rules.cache_folder =
        flags.cache_folder.empty() ? default_cache_folder() : flags.cache_folder;
  }
  return options;
}

void append_image(const engine::ImageScan& scan, JsonWriter& json) {
  json.begin_object().key("type").string("image").key("name").string(scan.name);
  json.key("platform").string(scan.platform).key("config").string(scan.config_digest);
  json.key("system").string(scan.system.name);
  json.key("distribution").string(scan.system.distribution());
  json.key("layers").begin_array();
  for (const engine::ScannedLayer& layer : scan.layers) {
    json.begin_object().key("digest").string(layer.digest);
    json.key("instruction").string(layer.instruction);
    json.key("entries").number(layer.entries).key("bytes").number(layer.bytes).end_object();
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
  for (std::size_t i = 0; i < scan.layers.size(); ++i) {
    const engine::ScannedLayer& layer = scan.layers[i];
    line(fmt::format("layer {} {} {} entries, {}: {}", i + 1, layer.digest.substr(0, 19),
                     grouped(layer.entries), readable_bytes(layer.bytes), layer.instruction));
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
  Report(const engine::ImageScan& scan, const engine::ImageScanOptions& options,
         const ImageFlags& flags)
      : scan_(scan), options_(options), flags_(flags) {}

  Result<void> write(const std::string& format, output::Writer& writer, const Terminal& terminal,
                     bool to_terminal) {
    colour_ = to_terminal && terminal.colour;
    width_ = to_terminal ? terminal.width : 0;
    const output::PackageFormat* const packages = output::package_format(format);
    if (packages != nullptr && is_bill(format)) return write_packages(*packages, writer);
    if (packages == nullptr) return write_secrets(format, writer);
    std::string text;
    if (format == "json") {
      TRY_VOID(write_json(*packages, text));
    } else {
      if (format == "ndjson") {
        JsonWriter json(text);
        append_image(scan_, json);
        text += '\n';
      } else {
        append_image_lines(scan_, width_, text);
      }
      TRY_VOID(writer.write(text));
      text.clear();
      if (options_.packages) TRY_VOID(append_packages(*packages, text));
      if (options_.packages && options_.secrets && format == "table") text += '\n';
      TRY_VOID(writer.write(text));
      text.clear();
      if (options_.secrets) return write_secrets(format, writer);
    }
    TRY_VOID(writer.write(text));
    return writer.finish();
  }

 private:
  Result<void> write_packages(const output::PackageFormat& format, output::Writer& writer) {
    const std::string_view subject = scan_.name.empty() ? options_.target : scan_.name;
    return format.write(scan_.files, summary_of_packages(scan_, !options_.secrets),
                        {writer, colour_, width_, subject, version_number()});
  }

  Result<void> append_packages(const output::PackageFormat& format, std::string& text) {
    output::Writer writer = output::Writer::to_string(text);
    return write_packages(format, writer);
  }

  Result<void> write_json(const output::PackageFormat& packages, std::string& text) {
    JsonWriter json(text);
    text += "{\"image\":";
    append_image(scan_, json);
    if (options_.packages) {
      std::string part;
      TRY_VOID(append_packages(packages, part));
      text += ",\"packages\":" + part.substr(0, part.find_last_not_of('\n') + 1);
    }
    if (options_.secrets) {
      std::string part;
      output::Writer writer = output::Writer::to_string(part);
      TRY_VOID(write_secrets("json", writer));
      text += ",\"secrets\":" + part.substr(0, part.find_last_not_of('\n') + 1);
    }
    text += "}\n";
    return {};
  }

  Result<void> write_secrets(const std::string& format, output::Writer& writer) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    TRY(const auto sink,
        output::make_finding_sink(
            format, {.writer = writer,
                     .colour = colour_,
                     .evidence = flags_.evidence,
                     .width = width_,
                     .version = version_number(),
                     .now = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()}));
    for (const event::Finding& finding : scan_.findings) TRY_VOID(sink->write(finding));
    return sink->finish(scan_.summary);
  }

  const engine::ImageScan& scan_;
  const engine::ImageScanOptions& options_;
  const ImageFlags& flags_;
  bool colour_ = false;
  unsigned width_ = 0;
};

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
  const Result<engine::ImageScanOptions> options = image_options(flags);
  if (!options) return usage_error(options.error());
  if (!options->secrets && output::package_format(format) == nullptr) {
    return usage_error(
        {ErrorCode::kInvalid,
         fmt::format("expected table, json or ndjson beside --only packages, found {}", format)});
  }
  Result<output::Writer> writer =
      flags.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                           : output::Writer::to_file(flags.output);
  if (!writer) return usage_error(writer.error());
  const Result<engine::ImageScan> scan =
      flags.root.empty() ? engine::scan_image(*options, install_stop_signal())
                         : engine::scan_root(flags.root, *options, install_stop_signal());
  if (!scan) return usage_error(scan.error());
  if (const Result<void> written =
          Report(*scan, *options, flags).write(format, *writer, terminal, to_terminal);
      !written) {
    fmt::print(stderr, "vedette: {}\n", written.error().message);
    return kExitPartial;
  }
  const event::Level level = level_by_name(flags.fail_on.empty() ? "low" : flags.fail_on);
  const bool blocked = std::ranges::any_of(
      scan->findings, [level](const event::Finding& finding) { return finding.severity >= level; });
  const bool lost = print_losses(scan->summary, flags.quiet);
  return blocked ? kExitBlocked : lost ? kExitPartial : kExitClean;
}

std::vector<Flag> image_rows(ImageFlags& flags) {
  std::vector<std::string> formats;
  for (const output::FindingFormat& format : output::finding_formats())
    formats.emplace_back(format.name);
  for (const output::PackageFormat& format : output::package_formats()) {
    if (is_bill(format.name)) formats.emplace_back(format.name);
  }
  return {
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
      {"-v,--evidence", "", "Table: says why each secret is believed.", &flags.evidence},
      {"-f,--format", "FORMAT",
       "What is written; default: table on a terminal, else ndjson. Packages are in table, "
       "json and ndjson; cyclonedx and spdx hold nothing else.",
       &flags.format, formats, ValueKind::kChoice},
      {"-o,--output",
       "FILE",
       "Writes to a file, whole or not at all; - for standard output.",
       &flags.output,
       {},
       ValueKind::kPath},
      {"--fail-on", "LEVEL", "Exit code 1 when a secret reaches this level; default low.",
       &flags.fail_on, level_names(), ValueKind::kChoice},
      {"--cache-dir",
       "FOLDER",
       "Where loaded rules are kept for the next run; default ~/.cache/vedette.",
       &flags.cache_folder,
       {},
       ValueKind::kPath},
      {"--no-cache", "", "Keeps nothing for the next run.", &flags.no_cache},
      {"--threads", "COUNT", "Layers that are read at once; default: one per processor.",
       &flags.threads},
      {"-q,--quiet", "", "No report of losses on stderr.", &flags.quiet},
  };
}

}  // namespace

Command image_command() {
  const auto flags = std::make_shared<ImageFlags>();
  Command command{"image", "Lists packages of an image, and finds secrets in all of its layers.",
                  "  docker save -o app.tar app:latest && vedette scan image app.tar\n"
                  "  vedette scan image layout/                     # an OCI layout\n"
                  "  vedette scan image --only packages -f json app.tar\n"
                  "  vedette scan image --rootfs /mnt               # a mounted file system\n"};
  command.flags = image_rows(*flags);
  command.arguments = {{"IMAGE",
                        "An archive of docker save, or an OCI layout as an archive or a folder.",
                        &flags->targets, false, ValueKind::kPath}};
  command.run = [flags] { return run_scan_image(*flags); };
  return command;
}

}  // namespace vedette::cmd
