// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/result_cache.h"

#include <chrono>
#include <utility>

#include "base/binary_archive.h"
#include "base/digest.h"
#include "base/program_identity.h"
#include "engine/scan/stored_findings.h"
#include "rules/secret/stored_rules.h"

namespace vedette::engine {
namespace {

constexpr std::int64_t kUnsettledNs = 2'000'000'000;
constexpr std::int64_t kDayNs = std::int64_t{86'400} * 1'000'000'000;

std::int64_t now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

}  // namespace

std::unique_ptr<store::ResultStore> open_result_store(const ResultCacheOptions& options,
                                                      std::vector<Diagnostic>& problems) {
  if (options.folder.empty()) return nullptr;
  auto store = store::ResultStore::open({options.folder, options.bytes_max, now() / kDayNs});
  if (store) return std::move(*store);
  problems.push_back({DiagnosticKind::kWarning,
                      {options.folder, 0, 0, 0},
                      "no results are known or kept: " + store.error().message,
                      ""});
  return nullptr;
}

std::string settings_of(const ScanSettings& settings, const rules::secret::SecretProgram* program) {
  ArchiveWriter writer;
  writer.value(program_identity());
  writer.value(kStoredFindingsVersion);
  writer.value(settings.scanner.probability_min);
  writer.value(settings.scanner.decode_depth_max);
  writer.value(settings.file_bytes_max);
  writer.value(settings.limits.packing_layers_max);
  writer.value(settings.limits.members_max);
  writer.value(settings.limits.archive_memory_max);
  writer.value(settings.limits.unpacked_bytes_max);
  writer.value(settings.limits.expansion_ratio_max);
  writer.value(settings.limits.expansion_bytes_min);
  writer.value(program != nullptr);
  if (program != nullptr) writer.value(rules::secret::store(program->rules()));
  const Sha256 digest = sha256(writer.take());
  return {digest.begin(), digest.end()};
}

ResultCache::ResultCache(std::unique_ptr<store::ResultStore> store, std::string settings,
                         std::int64_t now,
                         std::shared_ptr<const rules::secret::SecretProgram> program)
    : store_(std::move(store)),
      settings_(std::move(settings)),
      settled_before_(now - kUnsettledNs),
      program_(std::move(program)) {}

std::unique_ptr<ResultCache> ResultCache::open(
    const ResultCacheOptions& options, const ScanSettings& settings,
    std::shared_ptr<const rules::secret::SecretProgram> program,
    std::vector<Diagnostic>& problems) {
  // Who watches wants to see secrets, which no cache holds.
  if (settings.scanner.watcher != nullptr) return nullptr;
  std::unique_ptr<store::ResultStore> store = open_result_store(options, problems);
  if (store == nullptr) return nullptr;
  std::string hashed = settings_of(settings, program.get());
  return std::unique_ptr<ResultCache>(
      new ResultCache(std::move(store), std::move(hashed), now(), std::move(program)));
}

ResultCache::Key ResultCache::key_of_stamp(std::string_view path,
                                           const ingest::FileStamp& stamp) const {
  ArchiveWriter writer;
  writer.value(std::string(path));
  writer.value(stamp.device);
  writer.value(stamp.inode);
  writer.value(stamp.size);
  writer.value(stamp.modified);
  writer.value(stamp.changed);
  return store::key_of(settings_ + "stamp" + writer.take());
}

ResultCache::Key ResultCache::key_of_content(std::string_view path, std::string_view bytes) const {
  const Sha256 digest = sha256(bytes);
  std::string parts = settings_ + "bytes";
  parts.append(digest.begin(), digest.end());
  return store::key_of(parts.append(path));
}

ResultCache::Key ResultCache::key_of_name(std::string_view kind, std::string_view name) const {
  return store::key_of(settings_ + std::string(kind) + std::string(name));
}

std::optional<FileResult> ResultCache::find(const Key& key) {
  std::string bytes;
  if (!store_->find(key, bytes)) return std::nullopt;
  FileResult result;
  ArchiveReader reader(bytes);
  reader.value(result.files);
  reader.value(result.bytes);
  bool is_more = false;  // than most have
  reader.value(is_more);
  if (is_more) {
    reader.value(result.counts.allowed);
    reader.value(result.counts.below_confidence);
    read_skipped(reader, result.skipped);
    if (!read_findings(reader, result.findings, program_->rules())) return std::nullopt;
  }
  if (!reader.is_good()) return std::nullopt;
  return result;
}

void ResultCache::put(const Key& key, const FileResult& result) {
  ArchiveWriter writer;
  writer.value(result.files);
  writer.value(result.bytes);
  const bool is_more = !result.findings.empty() || !result.skipped.empty() ||
                       result.counts.allowed != 0 || result.counts.below_confidence != 0;
  writer.value(is_more);
  if (is_more) {
    writer.value(result.counts.allowed);
    writer.value(result.counts.below_confidence);
    write_skipped(writer, result.skipped);
    if (!write_findings(writer, result.findings, program_->rules())) return;
  }
  store_->put(key, writer.take());
}

}  // namespace vedette::engine
