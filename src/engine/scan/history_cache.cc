// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/history_cache.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/binary_archive.h"
#include "engine/scan/stored_findings.h"

namespace vedette::engine {
namespace {

constexpr auto kTip = [](auto& archive, auto& id) { archive.value(id.bytes); };

template <typename Archive, typename Known>
void describe_counts(Archive& archive, Known& known) {
  archive.value(known.commits);
  archive.value(known.files);
  archive.value(known.bytes);
  archive.value(known.counts.allowed);
  archive.value(known.counts.below_confidence);
  archive.list(known.tips, kTip);
  archive.list(known.named, kTip);
}

void write_losses(ArchiveWriter& writer, const scan::git::Losses& losses) {
  for (const auto& group : losses.groups()) {
    writer.value(group.count);
    writer.value(static_cast<std::uint32_t>(group.examples.size()));
    for (const auto& [what, why] : group.examples) {
      writer.value(what);
      writer.value(why);
    }
  }
  writer.list(losses.missing(), kTip);
}

scan::git::Losses read_losses(ArchiveReader& reader) {
  std::array<scan::git::Losses::Group, scan::git::kLossKinds> groups;
  for (auto& group : groups) {
    reader.value(group.count);
    std::uint32_t examples = 0;
    reader.value(examples);
    for (std::uint32_t i = 0; i < examples && reader.is_reading(); ++i) {
      std::string what;
      std::string why;
      reader.value(what);
      reader.value(why);
      group.examples.emplace(std::move(what), std::move(why));
    }
  }
  std::vector<formats::git::ObjectId> missing;
  reader.list(missing, kTip);
  return scan::git::Losses::restore(std::move(groups), std::move(missing));
}

store::ResultKey key_of(const ResultCache& cache, const std::string& repository) {
  std::error_code error;
  return cache.key_of_name("history",
                           std::filesystem::weakly_canonical(repository, error).string());
}

}  // namespace

std::optional<KnownHistory> find_history(ResultCache& cache, const std::string& repository) {
  std::string bytes;
  if (!cache.store().find(key_of(cache, repository), bytes)) return std::nullopt;
  KnownHistory known;
  ArchiveReader reader(bytes);
  describe_counts(reader, known);
  read_skipped(reader, known.skipped);
  known.losses = read_losses(reader);
  std::vector<std::uint32_t> commits;
  reader.list(commits, kArchiveNumber);
  std::vector<event::Finding> findings;
  if (!read_findings(reader, findings, cache.program().rules()) || !reader.is_good() ||
      findings.size() != commits.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < findings.size(); ++i)
    known.found.push_back({commits[i], std::move(findings[i])});
  return known;
}

void keep_history(ResultCache& cache, const std::string& repository, const KnownHistory& known) {
  ArchiveWriter writer;
  describe_counts(writer, known);
  write_skipped(writer, known.skipped);
  write_losses(writer, known.losses);
  std::vector<std::uint32_t> commits;
  std::vector<event::Finding> findings;
  for (const HistoryFindings::Found& found : known.found) {
    commits.push_back(found.commit);
    findings.push_back(found.finding);
  }
  writer.list(commits, kArchiveNumber);
  if (!write_findings(writer, findings, cache.program().rules())) return;
  cache.store().put(key_of(cache, repository), writer.take());
}

}  // namespace vedette::engine
