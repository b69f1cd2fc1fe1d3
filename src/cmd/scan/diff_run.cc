// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/diff_run.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "cmd/rule_flags.h"
#include "cmd/scan/package_command.h"
#include "cmd/terminal.h"
#include "output/package/diff_formats.h"

namespace vedette::cmd {
namespace {

// Of a comparison nothing is written before both sides are known.
class NoSink final : public event::FindingSink {
 public:
  Result<void> write(const event::Finding& /*finding*/) override { return {}; }
  Result<void> finish(const event::ScanSummary& /*summary*/) override { return {}; }
};

Result<DiffSide> read_side(const VulnerabilityFlags& flags,
                           const engine::PackageScanOptions& packages) {
  DiffSide side;
  side.name = packages.targets.front();
  if (flags.database.empty()) {
    TRY(engine::PackageScan scan, engine::scan_packages(packages, install_stop_signal()));
    side.files = std::move(scan.files);
    side.summary = std::move(scan.summary);
    return side;
  }
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  engine::VulnerabilityScanOptions options;
  options.packages = packages;
  options.known =
      flags.options(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
  options.baseline.file = flags.baseline;
  NoSink sink;
  TRY(engine::VulnerabilityScanResult found,
      engine::scan_vulnerabilities(options, sink, install_stop_signal()));
  side.files = std::move(found.files);
  side.findings = std::move(found.findings);
  side.summary = std::move(found.summary);
  return side;
}

}  // namespace

Result<void> check_diff_format(const std::string& format) {
  if (format.empty() || output::diff_format(format) != nullptr) return {};
  std::string known;
  for (const output::DiffFormat& one : output::diff_formats())
    (known += known.empty() ? "" : ", ") += one.name;
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected a format out of {} beside --diff, found {}", known, format));
}

int report_diff(const DiffSide& before, const DiffSide& after, const VulnerabilityFlags& flags,
                const VulnerabilityReport& report) {
  const Terminal terminal = look_at_terminal();
  const bool to_terminal = terminal.output && report.output.empty();
  const std::string name = !report.format.empty() ? report.format
                           : to_terminal          ? "table"
                                                  : "ndjson";
  const output::DiffFormat* const format = output::diff_format(name);
  CHECK(format != nullptr);
  Result<output::Writer> writer =
      report.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                            : output::Writer::to_file(report.output);
  if (!writer) return usage_error(writer.error());
  const auto packages = formats::packages::compare_inventories(before.files, after.files);
  const event::FindingChanges findings = event::compare_findings(before.findings, after.findings);
  const Result<void> written = format->write(
      {before.name, after.name, packages, flags.database.empty() ? nullptr : &findings},
      {*writer, to_terminal && terminal.colour, to_terminal ? terminal.width : 0});
  if (!written) {
    fmt::print(stderr, "vedette: {}\n", written.error().message);
    return kExitPartial;
  }
  const bool lost_before = print_losses(before.summary, report.quiet);
  const bool lost_after = print_losses(after.summary, report.quiet);
  const event::Level level = level_by_name(flags.fail_on.empty() ? "low" : flags.fail_on);
  const bool blocked = std::ranges::any_of(
      findings.appeared,
      [level](const event::Finding* finding) { return finding->severity >= level; });
  return blocked ? kExitBlocked : lost_before || lost_after ? kExitPartial : kExitClean;
}

int run_package_diff(const std::string& before, const VulnerabilityFlags& flags,
                     const VulnerabilityReport& report, const engine::PackageScanOptions& after) {
  if (after.targets.size() != 1 || flags.update_baseline)
    return usage_error(
        {ErrorCode::kInvalid, "expected --diff OLD with one target and without --update-baseline"});
  if (const Result<void> right = check_diff_format(report.format); !right)
    return usage_error(right.error());
  engine::PackageScanOptions old = after;
  old.targets = {before};
  const Result<DiffSide> from = read_side(flags, old);
  if (!from) return usage_error(from.error());
  const Result<DiffSide> to = read_side(flags, after);
  if (!to) return usage_error(to.error());
  return report_diff(*from, *to, flags, report);
}

}  // namespace vedette::cmd
