// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/leak.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "ingest/memory_contents.h"
#include "rules/secret/program.h"
#include "scan/git/containing.h"
#include "scan/git/history.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {
namespace {

// Keeps the findings that were asked for.
class Collector : public event::FindingSink {
 public:
  explicit Collector(const std::string& identity) : identity_(identity) {}
  Result<void> write(const event::Finding& finding) override {
    if (finding.identity.starts_with(identity_)) findings.push_back(finding);
    return {};
  }
  Result<void> finish(const event::ScanSummary&) override { return {}; }

  std::vector<event::Finding> findings;

 private:
  const std::string& identity_;
};

Result<event::Finding> only_one(std::vector<event::Finding> findings, const std::string& identity) {
  if (findings.empty()) {
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected the identity of a finding of this history, or its begin, "
                               "found {}; --history -f ndjson tells them",
                               identity));
  }
  if (findings.size() > 1) {
    return failure(
        ErrorCode::kInvalid,
        fmt::format("{} findings begin with {}: {} and {} among them; give more of it",
                    findings.size(), identity, findings[0].identity, findings[1].identity));
  }
  return std::move(findings.front());
}

void sort_references(const std::vector<std::string>& names, Leak& leak) {
  for (const std::string& name : names) {
    const std::string_view text = name;
    if (text.starts_with("refs/heads/")) {
      leak.branches.emplace_back(text.substr(11));
    } else if (text.starts_with("refs/remotes/")) {
      leak.remote_branches.emplace_back(text.substr(13));
    } else if (text.starts_with("refs/tags/")) {
      leak.tags.emplace_back(text.substr(10));
    } else {
      leak.other_references.push_back(name);
    }
  }
}

// Where HEAD's version of a file still holds the secret.
void look_in_head(const SecretScanOptions& options, const scan::git::History& history,
                  const std::string& path, scan::secrets::SecretScanner& scanner,
                  formats::git::ObjectReader& reader, Leak& leak) {
  const scan::git::HeadFile file = scan::git::read_head_file(history, path, reader);
  if (!file.is_there) return;
  ingest::MemoryContents contents(options.file_bytes_max, options.limits);
  contents.open(path, file.bytes);
  ingest::ContentPiece piece;
  while (contents.next(piece)) {
    if (piece.bytes.empty()) continue;
    scan::Content content;
    content.path = piece.name;
    content.bytes = piece.bytes;
    std::vector<event::Finding> findings;
    scanner.scan(content, findings);
    for (event::Finding& finding : findings) {
      if (finding.identity == leak.finding.identity)
        leak.in_head.push_back(std::move(finding.place));
    }
  }
}

}  // namespace

Result<Leak> explain_leak(const SecretScanOptions& options, const std::string& identity,
                          const std::atomic<bool>& stop,
                          const std::function<void(const ScanProgress&)>& on_progress) {
  SecretScanOptions wanted = options;
  wanted.kind = TargetKind::kHistory;
  wanted.baseline.clear();
  wanted.verify.enabled = false;  // one was asked for, but all are found
  Collector collector(identity);
  TRY(const event::ScanSummary summary, scan_secrets(wanted, collector, stop, on_progress));
  Leak leak;
  leak.rule_set = summary.rule_set;
  TRY(leak.finding, only_one(std::move(collector.findings), identity));

  scan::git::HistoryOptions plan;
  plan.repository = options.targets.front();
  plan.ranges = options.ranges;
  plan.all_objects = options.all_objects;
  TRY(const auto history, scan::git::History::plan(plan, stop));
  TRY(const auto reader, scan::git::HistoryReader::create(*history));
  if (leak.finding.place.commit) {
    for (std::uint32_t i = 0; i < history->commits(); ++i) {
      if (history->commit_id(i) != leak.finding.place.commit->id) continue;
      sort_references(references_containing(*history, i, reader->objects()), leak);
      break;
    }
  }
  for (const formats::git::Remote& remote : history->repository().remotes)
    leak.remotes.push_back(remote.name + " " + remote.url);
  scan::secrets::SecretScanner scanner(
      std::static_pointer_cast<const rules::secret::SecretProgram>(summary.rule_set),
      options.scanner);
  std::set<std::string> paths = {leak.finding.place.path};
  for (const event::FindingPlace& place : leak.finding.also_at) paths.insert(place.path);
  for (const std::string& path : paths)
    look_in_head(options, *history, path, scanner, reader->objects(), leak);
  return leak;
}

}  // namespace vedette::engine
