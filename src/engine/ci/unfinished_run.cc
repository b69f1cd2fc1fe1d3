// SPDX-License-Identifier: Apache-2.0
#include "engine/ci/unfinished_run.h"

#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "base/binary_archive.h"
#include "base/program_identity.h"
#include "store/result_store.h"

namespace vedette::engine {
namespace {

template <typename Archive, typename Record>
void describe_record(Archive& archive, Record& record) {
  archive.value(record.status);
  archive.value(record.seconds);
  archive.value(record.work_seconds);
  archive.value(record.files);
  archive.value(record.bytes);
  archive.value(record.cached);
  archive.value(record.findings);
  archive.value(record.skipped);
  archive.value(record.lost);
  archive.value(record.of_change);
}

template <typename Archive, typename Done>
void describe(Archive& archive, Done& done) {
  archive.value(done.name);
  archive.value(done.target);
  describe_record(archive, done.record);
  archive.value(done.json);
  archive.list(done.known, kArchiveText);
  archive.list(done.fixed, [](auto& inner, auto& one) {
    inner.value(one.identity);
    inner.value(one.title);
    inner.value(one.path);
  });
}

// A file as it is now: its place, size and time of change.
std::string stamp_of(const std::string& path) {
  struct stat status{};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return path;
  return fmt::format("{} {} {}.{}", path, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

std::string here() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

}  // namespace

std::string run_key(const CiOptions& options, const ChangeSet& change) {
  std::string key = "unfinished run\n" + program_identity() + "\n" + here();
  key += fmt::format("\n{} {} {} {}\n{}\n{}", static_cast<int>(change.kind()), change.base(),
                     change.head(), change.digest(), stamp_of(options.known.database),
                     stamp_of(options.known.usage));
  key += fmt::format("\n{} {}", options.scanner.probability_min, options.scanner.decode_depth_max);
  for (const auto* list : {&options.only, &options.without, &options.images, &options.rules.packs,
                           &options.ignore.excludes, &options.known.statements}) {
    key += fmt::format("\n{}:", list->size());
    // Of files that are named what they are now counts.
    for (const std::string& one : *list) {
      const std::string stamp = stamp_of(one);
      key += fmt::format(" {} {}", stamp.size(), stamp);
    }
  }
  return key;
}

std::optional<std::vector<DoneStage>> find_unfinished(const ResultCacheOptions& cache,
                                                      const std::string& key) {
  std::vector<Diagnostic> problems;  // told by the stages, which open it too
  const auto store = open_result_store(cache, problems);
  std::string value;
  if (store == nullptr || !store->find(store::key_of(key), value)) return std::nullopt;
  ArchiveReader archive(value);
  std::vector<DoneStage> done;
  archive.list(done, [](auto& inner, auto& one) { describe(inner, one); });
  if (!archive.is_good() || done.empty()) return std::nullopt;
  return done;
}

bool keep_unfinished(const ResultCacheOptions& cache, const std::string& key,
                     const std::vector<DoneStage>& done) {
  std::vector<Diagnostic> problems;  // told by the stages, which open it too
  const auto store = open_result_store(cache, problems);
  if (store == nullptr) return false;
  ArchiveWriter archive;
  archive.list(done, [](auto& inner, const auto& one) { describe(inner, one); });
  store->put(store::key_of(key), archive.take());
  return !store->close().has_value();
}

}  // namespace vedette::engine
