// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/leak.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <utility>

#include "engine/scan/history_scan.h"
#include "engine/scan/ordered_findings.h"
#include "formats/git/object_reader.h"
#include "ingest/memory_contents.h"
#include "rules/secret/program.h"
#include "scan/git/reach.h"
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

void sort_references(const std::vector<scan::git::Reach::Name>& names, Leak& leak) {
  const std::pair<std::string_view, std::vector<std::string>*> kinds[] = {
      {"refs/heads/", &leak.branches},
      {"refs/remotes/", &leak.remote_branches},
      {"refs/tags/", &leak.tags},
      {"", &leak.other_references},
  };
  for (const auto& [name, holds_now] : names) {
    const auto* kind = std::begin(kinds);
    while (!name.starts_with(kind->first)) ++kind;
    std::string text = name.substr(kind->first.size());
    if (holds_now) leak.holding_now.push_back(text);
    kind->second->push_back(std::move(text));
  }
}

// Where a file of HEAD that holds the secret holds it. The rule may not look into files of that
// name, then the file as a whole is named.
void look_into(const SecretScanOptions& options, const scan::git::Reach::File& file,
               std::string_view bytes, scan::secrets::SecretScanner& scanner, Leak& leak) {
  ingest::MemoryContents contents(options.file_bytes_max, options.limits);
  contents.open(file.path, bytes);
  const std::size_t before = leak.in_head.size();
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
  if (leak.in_head.size() == before) leak.in_head.emplace_back().path = file.path;
}

Result<void> look_in_head(const SecretScanOptions& options,
                          const formats::git::Repository& repository, const scan::git::Reach& reach,
                          scan::secrets::SecretScanner& scanner, Leak& leak) {
  TRY(formats::git::ObjectStore store, formats::git::ObjectStore::open(repository));
  TRY(auto reader, formats::git::ObjectReader::create(store, {}));
  for (const scan::git::Reach::File& file : reach.head_files) {
    const formats::git::ObjectNumber number = store.find(file.blob);
    if (number == formats::git::kNoObject) continue;
    const auto object = reader.read(number);
    look_into(options, file, object ? object->bytes : std::string_view(), scanner, leak);
  }
  return {};
}

}  // namespace

Result<Leak> explain_leak(const SecretScanOptions& options, const std::string& identity,
                          const std::atomic<bool>& stop,
                          const std::function<void(const ScanProgress&)>& on_progress) {
  if (options.targets.size() != 1)
    return failure(ErrorCode::kInvalid, "expected one repository beside --explain, found several");
  event::ScanSummary summary;
  TRY(const auto program, load_secret_rules(options.rules, summary));
  Collector collector(identity);
  OrderedFindings findings(collector, nullptr, BaselineUse::kRead);
  HistoryWatch watch;
  watch.identity = identity;
  TRY_VOID(scan_histories(options, program, nullptr, findings, summary, stop, on_progress, &watch));
  TRY_VOID(findings.conclude(options.file_bytes_max, summary));
  Leak leak;
  leak.rule_set = program;
  TRY(leak.finding, only_one(std::move(collector.findings), identity));

  TRY(const auto repository, formats::git::open_repository(options.targets.front()));
  std::vector<formats::git::ObjectId> blobs;
  for (const std::string& object : watch.objects) {
    if (const auto id = formats::git::ObjectId::parse(object, repository.hash))
      blobs.push_back(*id);
  }
  TRY(scan::git::Reach reach, scan::git::find_reach(repository, blobs));
  sort_references(reach.names, leak);
  leak.only_in_reflogs = reach.names.empty() && reach.in_reflogs;
  leak.brought_in = std::move(reach.brought);
  leak.brought_in_count = reach.brought_count;
  leak.taken_out = std::move(reach.gone);
  for (const formats::git::Remote& remote : repository.remotes)
    leak.remotes.push_back(remote.name + " " + remote.url);
  scan::secrets::SecretScanner scanner(program, options.scanner);
  TRY_VOID(look_in_head(options, repository, reach, scanner, leak));
  return leak;
}

}  // namespace vedette::engine
