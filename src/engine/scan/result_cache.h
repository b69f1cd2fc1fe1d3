// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "event/finding.h"
#include "ingest/content_reader.h"
#include "ingest/skip_tally.h"
#include "rules/secret/program.h"
#include "scan/content.h"
#include "scan/secrets/secret_scanner.h"
#include "store/result_store.h"

namespace vedette::engine {

// What one stored file gave: of an archive with all that it holds.
struct FileResult {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<event::Finding> findings;
  ingest::SkipTally skipped;
  scan::ScanCounts counts;
};

struct ResultCacheOptions {
  std::string folder;  // empty: nothing is kept
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
};

// Null where nothing can be kept; `problems` say why, but for an empty folder.
std::unique_ptr<store::ResultStore> open_result_store(const ResultCacheOptions& options,
                                                      std::vector<Diagnostic>& problems);

// What results of a scanner depend on besides its input: hashed, of a fixed length.
struct ScanSettings {
  scan::secrets::ScannerOptions scanner;
  std::uint64_t file_bytes_max = 0;
  Limits limits;
};
// `program`: null where no secrets are looked for.
std::string settings_of(const ScanSettings& settings, const rules::secret::SecretProgram* program);

// Results of files by all that they depend on: this program, the rules, the options of the scanner,
// the path as it is shown (rules ask for it), and the bytes. The bytes are known by their SHA-256,
// or without reading them by the file's stamp, as git knows what is unchanged: device, inode, size
// and the two times. A file that changed within two seconds before the scan is not known by its
// stamp, since it may change once more within one tick of the clock.
//
// Any thread. Findings point to rules of `program`, which they need as long as they live.
class ResultCache {
 public:
  // As open_result_store().
  static std::unique_ptr<ResultCache> open(
      const ResultCacheOptions& options, const ScanSettings& settings,
      std::shared_ptr<const rules::secret::SecretProgram> program,
      std::vector<Diagnostic>& problems);

  using Key = store::ResultKey;
  Key key_of_stamp(std::string_view path, const ingest::FileStamp& stamp) const;
  Key key_of_content(std::string_view path, std::string_view bytes) const;
  // Of a result that is no file's.
  Key key_of_name(std::string_view kind, std::string_view name) const;
  bool is_settled(const ingest::FileStamp& stamp) const {
    return stamp.changed < settled_before_ && stamp.modified < settled_before_;
  }

  std::optional<FileResult> find(const Key& key);
  void put(const Key& key, const FileResult& result);
  // Any bytes, for results of another shape.
  store::ResultStore& store() { return *store_; }
  const rules::secret::SecretProgram& program() const { return *program_; }

  // At the end, by one thread: what could not be kept, and why.
  std::optional<Diagnostic> close() { return store_->close(); }

 private:
  ResultCache(std::unique_ptr<store::ResultStore> store, std::string settings, std::int64_t now,
              std::shared_ptr<const rules::secret::SecretProgram> program);

  std::unique_ptr<store::ResultStore> store_;
  const std::string settings_;  // what goes into each key
  const std::int64_t settled_before_;
  std::shared_ptr<const rules::secret::SecretProgram> program_;
};

}  // namespace vedette::engine
