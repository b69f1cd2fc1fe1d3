// SPDX-License-Identifier: Apache-2.0
#include "engine/ci/stages.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "base/nearest.h"
#include "engine/ci/known_before.h"
#include "engine/image/image_findings.h"
#include "engine/scan/model_scan.h"
#include "engine/scan/secret_scan.h"
#include "engine/vulnerabilities/vulnerability_scan.h"
#include "formats/packages/package_file.h"
#include "output/finding/finding_formats.h"
#include "scan/models/folder_judge.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

// Keeps a scanner's report as its users would get it.
class ReportSink final : public event::FindingSink {
 public:
  static Result<std::unique_ptr<ReportSink>> create(std::string& json) {
    auto sink = std::unique_ptr<ReportSink>(new ReportSink(json));
    TRY(sink->sink_, output::make_finding_sink("json", {.writer = sink->writer_}));
    return sink;
  }
  Result<void> write(const event::Finding& finding) override { return sink_->write(finding); }
  Result<void> finish(const event::ScanSummary& summary) override { return sink_->finish(summary); }

 private:
  explicit ReportSink(std::string& json) : writer_(output::Writer::to_string(json)) {}
  output::Writer writer_;
  std::unique_ptr<event::FindingSink> sink_;
};

void tell(const event::ScanSummary& summary, event::StageRecord& record) {
  record.status = summary.interrupted ? event::StageStatus::kUnfinished : event::StageStatus::kDone;
  record.files = summary.files;
  record.bytes = summary.bytes;
  record.cached = summary.cached;
  record.findings = summary.findings;
  for (const event::Skipped& one : summary.skipped)
    (one.loss ? record.lost : record.skipped) += one.count;
}

SecretScanOptions secret_options(const StageInput& input) {
  SecretScanOptions secrets;
  secrets.targets = {"."};
  secrets.rules = input.options.rules;
  secrets.cache = input.options.cache;
  secrets.scanner = input.options.scanner;
  secrets.ignore = input.options.ignore;
  secrets.file_bytes_max = input.options.file_bytes_max;
  secrets.threads = input.slots.slots->count();
  secrets.slots = input.slots;
  return secrets;
}

Result<void> run_secret_scan(const StageInput& input, const SecretScanOptions& secrets,
                             StageOutcome& outcome) {
  TRY(const auto sink, ReportSink::create(outcome.json));
  TRY(const event::ScanSummary summary, scan_secrets(secrets, *sink, input.stop, {}));
  tell(summary, outcome.record);
  return {};
}

// Of a change all that its commits brought counts, also what a later one takes away again.
Result<void> run_secrets(const StageInput& input, const std::string& /*target*/,
                         StageOutcome& outcome) {
  SecretScanOptions secrets = secret_options(input);
  outcome.record.of_change = input.change.is_partial();
  if (input.change.kind() == ChangeKind::kBase) {
    secrets.kind = TargetKind::kHistory;
    secrets.ranges = {input.change.range()};
  } else if (input.change.kind() == ChangeKind::kStaged) {
    secrets.kind = TargetKind::kStaged;
    secrets.index_file = input.options.change.index_file;
  }
  return run_secret_scan(input, secrets, outcome);
}

Result<void> run_history(const StageInput& input, const std::string& /*target*/,
                         StageOutcome& outcome) {
  SecretScanOptions secrets = secret_options(input);
  secrets.kind = TargetKind::kHistory;
  return run_secret_scan(input, secrets, outcome);
}

Result<void> run_packages(const StageInput& input, const std::string& /*target*/,
                          StageOutcome& outcome) {
  VulnerabilityScanOptions packages;
  packages.packages.targets = {"."};
  packages.packages.ignore = input.options.ignore;
  packages.packages.file_bytes_max = input.options.file_bytes_max;
  packages.known = input.options.known;
  const WorkTurn turn(input.slots);
  TRY(const auto sink, ReportSink::create(outcome.json));
  TRY(const VulnerabilityScanResult result, scan_vulnerabilities(packages, *sink, input.stop));
  tell(result.summary, outcome.record);
  return {};
}

// Changed files, and what lies beside those that a loader takes together with others.
std::vector<std::string> model_targets(const ChangeSet& change) {
  if (!change.is_partial()) return {"."};
  std::set<std::string> targets(change.present().begin(), change.present().end());
  std::set<std::string> folders;
  for (const std::string& path : change.present()) {
    if (!scan::models::matters_in_folder(path)) continue;
    const std::string folder = fs::path(path).parent_path().string();
    if (!folders.insert(folder).second) continue;
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(folder.empty() ? "." : folder, error)) {
      const std::string name = entry.path().filename().string();
      std::string beside = folder;
      if (!folder.empty()) beside += '/';
      beside += name;
      if (entry.symlink_status(error).type() == fs::file_type::regular &&
          scan::models::matters_in_folder(beside))
        targets.insert(beside);
    }
  }
  return {targets.begin(), targets.end()};
}

Result<void> run_models(const StageInput& input, const std::string& /*target*/,
                        StageOutcome& outcome) {
  ModelScanOptions models;
  models.targets = model_targets(input.change);
  outcome.record.of_change = input.change.is_partial();
  models.ignore = input.options.ignore;
  models.rules = input.options.rules;
  models.threads = input.slots.slots->count();
  models.slots = input.slots;
  TRY(const auto sink, ReportSink::create(outcome.json));
  TRY(const event::ScanSummary summary, scan_models(models, *sink, input.stop));
  tell(summary, outcome.record);
  return {};
}

Result<void> run_image(const StageInput& input, const std::string& target, StageOutcome& outcome) {
  ImageFindingsOptions image;
  image.scan.target = target;
  image.scan.origin = input.options.origin;
  image.scan.models = true;
  image.scan.rules = input.options.rules;
  image.scan.cache = input.options.cache;
  image.scan.scanner = input.options.scanner;
  image.scan.file_bytes_max = input.options.file_bytes_max;
  image.scan.threads = input.slots.slots->count();
  image.scan.slots = input.slots;
  image.vulnerabilities = input.options.known;
  TRY(const ImageScan scan, find_in_image(image, input.stop));
  TRY(const auto sink, ReportSink::create(outcome.json));
  for (const event::Finding& finding : scan.vulnerabilities) TRY_VOID(sink->write(finding));
  for (const event::Finding& finding : scan.findings) TRY_VOID(sink->write(finding));
  TRY_VOID(sink->finish(scan.summary));
  tell(scan.summary, outcome.record);
  return {};
}

bool any_present(const ChangeSet& change, bool (*wanted)(const std::string&)) {
  return std::ranges::any_of(change.present(), wanted);
}

std::string secrets_idle(const CiOptions& /*options*/, const ChangeSet& change) {
  const bool is_empty = change.is_partial() && change.range().empty() && change.present().empty();
  return is_empty ? "nothing is staged" : "";
}

std::string history_idle(const CiOptions& /*options*/, const ChangeSet& change) {
  if (change.is_partial()) return "the commits of the change are looked at as secrets";
  if (!change.is_repository()) return "the folder is in no git repository";
  return change.head().empty() ? "the repository has no commit yet" : "";
}

std::string packages_idle(const CiOptions& options, const ChangeSet& change) {
  if (options.known.database.empty()) return "no vulnerability database was named (--db)";
  const auto names_packages = [](const std::string& path) {
    return formats::packages::package_file_kind(path) != nullptr;
  };
  return change.is_partial() && !any_present(change, names_packages)
             ? "no changed file names packages"
             : "";
}

std::string models_idle(const CiOptions& /*options*/, const ChangeSet& change) {
  return change.is_partial() && change.present().empty() ? "no file was changed" : "";
}

struct StageKind {
  std::string_view name;
  std::string (*idle_reason)(const CiOptions& options, const ChangeSet& change);
  Result<void> (*run)(const StageInput& input, const std::string& target, StageOutcome& outcome);
  Result<void> (*find_known)(const StageInput& input, StageOutcome& outcome);
};

constexpr std::string_view kImage = "image";
constexpr std::array<StageKind, 4> kKinds = {{
    {"packages", packages_idle, run_packages, find_vulnerabilities_before},
    {"models", models_idle, run_models, find_models_before},
    {"secrets", secrets_idle, run_secrets, find_secrets_before},
    {"history", history_idle, run_history, nullptr},
}};

Result<void> check_names(const std::vector<std::string>& names) {
  const std::vector<std::string> known = ci_stage_names();
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string near = nearest(name, known);
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a stage out of {}, found {}{}", fmt::join(known, ", "),
                               name, near.empty() ? "" : "; did you mean " + near + "?"));
  }
  return {};
}

}  // namespace

std::vector<std::string> ci_stage_names() {
  std::vector<std::string> names;
  for (const StageKind& kind : kKinds) names.emplace_back(kind.name);
  names.emplace_back(kImage);
  return names;
}

Result<std::vector<Stage>> plan_stages(const CiOptions& options, const ChangeSet& change) {
  TRY_VOID(check_names(options.only));
  TRY_VOID(check_names(options.without));
  const auto refusal = [&options](std::string_view name) -> std::string {
    const bool left_out =
        !options.only.empty() && std::ranges::find(options.only, name) == options.only.end();
    if (left_out || std::ranges::find(options.without, name) != options.without.end())
      return "it was not asked for";
    return {};
  };
  std::vector<Stage> stages;
  for (const StageKind& kind : kKinds) {
    Stage stage{std::string(kind.name), "", refusal(kind.name), kind.run, kind.find_known};
    if (stage.idle_reason.empty()) stage.idle_reason = kind.idle_reason(options, change);
    stages.push_back(std::move(stage));
  }
  // What takes long comes last: images, then the history.
  const auto history = stages.end() - 1;
  std::vector<Stage> images;
  for (const std::string& image : options.images)
    images.push_back({std::string(kImage), image, refusal(kImage), run_image, nullptr});
  stages.insert(history, std::make_move_iterator(images.begin()),
                std::make_move_iterator(images.end()));
  if (stages.size() > WorkerSlots::kStagesMax)
    return failure(ErrorCode::kLimit,
                   fmt::format("expected at most {} images, found {}",
                               WorkerSlots::kStagesMax - kKinds.size(), options.images.size()));
  return stages;
}

}  // namespace vedette::engine
