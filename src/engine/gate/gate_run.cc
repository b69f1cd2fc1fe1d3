// SPDX-License-Identifier: Apache-2.0
#include "engine/gate/gate_run.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <iterator>
#include <map>

#include "base/file.h"
#include "engine/gate/merged_reports.h"
#include "policy/facts.h"
#include "policy/gate.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

using formats::findings::FindingReport;

constexpr std::size_t kPolicyBytesMax = std::size_t{16} << 20;
constexpr std::string_view kPolicyFile = "vedette.yaml";
// Clocks of two machines may differ by this.
constexpr TimeNs kClockSlack = TimeNs{86'400} * kNsPerSecond;

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void append(std::vector<Diagnostic>& into, const std::vector<Diagnostic>& more) {
  into.insert(into.end(), more.begin(), more.end());
}

std::string beside(const std::string& policy, const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::string folder = fs::path(policy).parent_path().string();
  return folder.empty() ? path : folder + "/" + path;
}

// A clock that is set back would bring waivers to life again.
Result<void> check_clock(const GateRun& run, TimeNs now) {
  const auto refuse = [now](TimeNs other, const std::string& what) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a clock that is right, found {}, and {} of {}; set the "
                               "clock, or give --now",
                               format_time(now), what, format_time(other)));
  };
  for (const policy::Waiver& waiver : run.files.waivers) {
    if (waiver.created > now + kClockSlack)
      return refuse(waiver.created, to_string(waiver.place) + ", a waiver");
  }
  for (const auto& report : run.reports) {
    for (const event::Finding& finding : report.findings) {
      if (finding.vulnerability && finding.vulnerability->published > now + kClockSlack)
        return refuse(finding.vulnerability->published, finding.rule->id + ", published");
    }
  }
  return {};
}

bool is_whole(const formats::findings::FindingReport& report) {
  return !report.interrupted && report.losses.empty();
}

void add_scanners(const GateRun& run, event::GateReport& report) {
  std::map<std::string, bool, std::less<>> complete = {{"gate", true}};
  const auto add = [&complete](std::string_view name, bool whole) {
    const auto [at, added] = complete.try_emplace(std::string(name), whole);
    at->second = at->second && whole;
  };
  for (const auto& one : run.reports) {
    if (!one.scanner.empty()) add(one.scanner, is_whole(one));
    // Lines alone do not tell who wrote them, nor what was missed.
    if (one.scanner.empty()) {
      for (const event::Finding& finding : one.findings)
        add(policy::scanner_of_kind(policy::kind_of(finding)), false);
    }
  }
  for (const auto& [name, whole] : complete) report.scanners.push_back({name, whole});
}

void add_losses(const GateRun& run, event::GateReport& report) {
  for (const auto& one : run.reports) {
    append(report.problems, one.losses);
    append(report.problems, one.notes);
    if (one.interrupted)
      report.problems.push_back({DiagnosticKind::kWarning,
                                 {one.name, 0, 0, 0},
                                 "the scan was interrupted, so that findings may be missing",
                                 "run it again"});
    report.incomplete = report.incomplete || !is_whole(one);
  }
}

// Only of scanners that have looked again, and at everything.
bool was_asked_again(const FindingReport& base, const std::vector<FindingReport>& reports) {
  const auto same = [&base](const FindingReport& one) { return one.scanner == base.scanner; };
  return std::ranges::any_of(reports, same) &&
         std::ranges::all_of(reports,
                             [&](const FindingReport& one) { return !same(one) || is_whole(one); });
}

}  // namespace

Result<std::string> read_report_text(const std::string& path) {
  const std::size_t bytes_max = formats::findings::finding_report_limits().file_bytes_max;
  if (path != "-") return read_file(path, bytes_max);
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  if (text.size() > bytes_max)
    return failure(ErrorCode::kLimit, "standard input: more than a report may be");
  return text;
}

Result<FindingReport> read_report(const std::string& path) {
  TRY(const std::string text, read_report_text(path));
  return formats::findings::read_finding_report(text, path == "-" ? "standard input" : path,
                                                formats::findings::finding_report_limits());
}

Result<std::vector<FindingReport>> read_reports(const std::vector<std::string>& paths) {
  std::vector<FindingReport> reports;
  for (const std::string& path : paths) {
    TRY(FindingReport report, read_report(path));
    reports.push_back(std::move(report));
  }
  return reports;
}

event::FixedFinding fixed_finding(const event::Finding& finding) {
  const std::string& title = finding.rule->title;
  return {finding.identity, title.empty() ? finding.rule->id : title, finding.place.path};
}

KnownIdentities identities_of(const std::vector<FindingReport>& reports) {
  KnownIdentities identities;
  for (const FindingReport& report : reports) {
    for (const event::Finding& finding : report.findings) identities.insert(finding.identity);
  }
  return identities;
}

std::vector<event::FixedFinding> fixed_of(const std::vector<FindingReport>& bases,
                                          const std::vector<FindingReport>& reports,
                                          KnownIdentities found) {
  std::vector<event::FixedFinding> fixed;
  for (const FindingReport& base : bases) {
    if (!was_asked_again(base, reports)) continue;
    for (const event::Finding& finding : base.findings) {
      if (!found.insert(finding.identity).second) continue;
      fixed.push_back(fixed_finding(finding));
    }
  }
  return fixed;
}

bool GateFiles::is_usable() const {
  return std::ranges::none_of(
      problems, [](const Diagnostic& one) { return one.kind == DiagnosticKind::kError; });
}

Result<GateFiles> read_gate_files(const GateOptions& options) {
  GateFiles files;
  std::string path = options.policy;
  if (path.empty()) {
    const std::string usual = options.folder == "."
                                  ? std::string(kPolicyFile)
                                  : options.folder + "/" + std::string(kPolicyFile);
    if (exists(usual)) path = usual;
  }
  if (path.empty()) {
    files.policy = policy::default_policy();
  } else {
    TRY(const std::string text, read_file(path, kPolicyBytesMax));
    policy::LoadedPolicy loaded = policy::read_policy(text, path);
    files.policy = std::move(loaded.policy);
    files.problems = std::move(loaded.problems);
  }
  const std::string root = path.empty() ? options.folder + "/" : path;
  files.waiver_path =
      !options.waivers.empty() ? options.waivers : beside(root, files.policy.waivers.file);
  if (files.waiver_path.starts_with("./")) files.waiver_path.erase(0, 2);
  if (!options.waivers.empty() || exists(files.waiver_path)) {
    TRY(const std::string text, read_file(files.waiver_path, kPolicyBytesMax));
    policy::WaiverFile waivers = policy::read_waivers(text, files.waiver_path);
    files.waivers = std::move(waivers.waivers);
    append(files.problems, waivers.problems);
  }
  if (!files.policy.waivers.signers.empty()) {
    const std::string signers = beside(root, files.policy.waivers.signers);
    TRY(const std::string text, read_file(signers, kPolicyBytesMax));
    files.signers = policy::Signers::parse(text, signers);
    append(files.problems, files.signers.problems());
  }
  return files;
}

Result<void> judge_reports(const GateOptions& options, const std::vector<std::string>& images,
                           const std::optional<KnownIdentities>& known, GateRun& run) {
  TRY_VOID(check_clock(run, options.now));
  std::vector<policy::GateInput> inputs;
  for (std::size_t i = 0; i < run.reports.size(); ++i) {
    const bool has_own = i < images.size() && !images[i].empty();
    inputs.push_back(
        {run.reports[i].findings, has_own ? images[i] : options.image, run.reports[i].scanner});
  }
  policy::GateContext context;
  context.now = options.now;
  context.environment = options.environment;
  context.has_base = known.has_value();
  if (known) context.base = *known;
  run.report =
      policy::judge({run.files.policy, run.files.waivers, run.files.signers}, inputs, context);
  append(run.report.problems, run.files.problems);
  add_scanners(run, run.report);
  add_losses(run, run.report);
  return {};
}

Result<std::unique_ptr<GateRun>> run_gate(const GateOptions& options) {
  auto run = std::make_unique<GateRun>();
  TRY(run->files, read_gate_files(options));
  if (!run->files.is_usable()) return run;
  TRY(run->reports, read_reports(options.reports));
  KnownIdentities found = identities_of(run->reports);
  merge_others(run->reports);
  TRY(std::vector<FindingReport> bases, read_reports(options.base));
  std::optional<KnownIdentities> known;
  if (!options.base.empty()) known = identities_of(bases);
  TRY_VOID(judge_reports(options, {}, known, *run));
  merge_others(bases);
  run->report.fixed = fixed_of(bases, run->reports, std::move(found));
  return run;
}

}  // namespace vedette::engine
