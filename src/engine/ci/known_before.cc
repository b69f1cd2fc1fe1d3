// SPDX-License-Identifier: Apache-2.0
#include "engine/ci/known_before.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "formats/packages/inventory.h"
#include "formats/packages/package_file.h"
#include "ingest/memory_contents.h"
#include "scan/models/model_scanner.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {
namespace {

void add_identities(const std::vector<event::Finding>& findings, KnownIdentities& known) {
  for (const event::Finding& finding : findings) known.insert(finding.identity);
}

void add_fixed(const std::vector<event::Finding>& before, StageOutcome& outcome) {
  // What was not looked at whole may still be there.
  if (outcome.record.status != event::StageStatus::kDone) return;
  KnownIdentities found;
  add_identities(outcome.report.findings, found);
  for (const event::Finding& finding : before) {
    if (found.insert(finding.identity).second) outcome.fixed.push_back(fixed_finding(finding));
  }
}

// A file that is as it was has what it had.
void add_unchanged(const StageInput& input, StageOutcome& outcome) {
  for (const event::Finding& finding : outcome.report.findings) {
    if (input.change.is_old(finding)) outcome.known.insert(finding.identity);
  }
}

std::vector<std::string> paths_of(const formats::findings::FindingReport& report) {
  std::set<std::string> paths;
  for (const event::Finding& finding : report.findings) {
    paths.insert(finding.place.path);
    for (const event::FindingPlace& place : finding.also_at) paths.insert(place.path);
  }
  return {paths.begin(), paths.end()};
}

}  // namespace

// A secret that a commit brought and a later one took away stands in no file of the base: that its
// file did not change in the end says nothing.
Result<void> find_secrets_before(const StageInput& input, StageOutcome& outcome) {
  if (!input.change.is_partial() || outcome.report.findings.empty()) return {};
  const WorkTurn turn(input.slots);
  event::ScanSummary summary;
  TRY(const auto program, load_secret_rules(input.options.rules, summary));
  scan::secrets::SecretScanner scanner(program, input.options.scanner);
  ingest::MemoryContents contents(input.options.file_bytes_max, Limits());
  std::vector<event::Finding> findings;
  TRY(outcome.losses,
      input.change.read_before(paths_of(outcome.report), input.options.file_bytes_max,
                               [&](const std::string& path, std::string_view bytes) {
                                 contents.open(path, bytes);
                                 ingest::ContentPiece piece;
                                 while (contents.next(piece)) {
                                   if (piece.skipped && piece.bytes.empty()) continue;
                                   scan::Content content;
                                   content.path = piece.name;
                                   content.bytes = piece.bytes;
                                   scanner.scan(content, findings);
                                 }
                               }));
  add_identities(findings, outcome.known);
  return {};
}

Result<void> find_vulnerabilities_before(const StageInput& input, StageOutcome& outcome) {
  if (!input.change.is_partial()) return {};
  const WorkTurn turn(input.slots);
  add_unchanged(input, outcome);
  std::vector<formats::packages::PackageFile> files;
  Limits limits;
  limits.file_bytes_max = input.options.file_bytes_max;
  TRY(outcome.losses,
      input.change.read_before(
          {}, input.options.file_bytes_max, [&](const std::string& path, std::string_view bytes) {
            using formats::packages::FileRole;
            const auto* kind = formats::packages::package_file_kind(path);
            if (kind == nullptr || kind->role == FileRole::kInstalled ||
                kind->role == FileRole::kFiles)
              return;
            files.push_back({path, kind, kind->read(path, bytes, limits), "", 0});
          }));
  formats::packages::settle(files);
  TRY(const VulnerabilityFinder finder, VulnerabilityFinder::open(input.options.known));
  event::ScanSummary summary;
  TRY(const FoundVulnerabilities found, finder.find(files, {}, summary));
  add_identities(found.findings, outcome.known);
  add_fixed(found.findings, outcome);
  return {};
}

Result<void> find_models_before(const StageInput& input, StageOutcome& outcome) {
  if (!input.change.is_partial()) return {};
  const WorkTurn turn(input.slots);
  add_unchanged(input, outcome);
  const scan::models::ModelRules rules;
  scan::models::ModelScanner scanner(rules);
  std::vector<event::Finding> findings;
  TRY(outcome.losses,
      input.change.read_before({}, input.options.file_bytes_max,
                               [&](const std::string& path, std::string_view bytes) {
                                 scanner.scan(path, bytes, findings);
                               }));
  add_identities(findings, outcome.known);
  add_fixed(findings, outcome);
  return {};
}

}  // namespace vedette::engine
