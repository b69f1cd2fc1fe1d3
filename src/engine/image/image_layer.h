// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "engine/image/layer_files.h"
#include "engine/image/layer_models.h"
#include "engine/scan/worker_slots.h"
#include "event/finding.h"
#include "formats/archive/byte_stream.h"
#include "formats/archive/tar_reader.h"
#include "formats/images/layer_cover.h"
#include "formats/packages/installed/program_sections.h"
#include "formats/packages/inventory.h"
#include "formats/packages/system/os_release.h"
#include "ingest/memory_contents.h"
#include "ingest/skip_tally.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {

// A file of a layer in which something was found.
struct LayerFile {
  std::string path;                // in the image's file system
  std::vector<std::string> links;  // hard links of the same layer, to the same bytes
  std::optional<formats::packages::PackageFile> packages;
  std::optional<formats::packages::OsRelease> system;
  std::optional<std::string> statements;  // a document as it is, which nobody has read
  std::vector<event::Finding> findings;
  bool replaced = false;  // by a later entry of the same layer
};

// What one pass over a layer gave. Depends on the layer's bytes and the options alone.
struct LayerScan {
  std::vector<LayerFile> files;
  formats::images::LayerCover cover;
  std::vector<Diagnostic> problems;
  ingest::SkipTally skipped;
  scan::ScanCounts counts;
  std::uint64_t entries = 0;
  std::uint64_t files_read = 0;
  std::uint64_t bytes = 0;  // of entries
  // All entries but folders, where that was asked.
  std::vector<formats::packages::OwnedFile> owned;
};

struct LayerScanOptions {
  bool packages = true;
  bool secrets = true;
  const scan::models::ModelRules* models = nullptr;   // outlives the scanners; null: not looked for
  FileTelling files = FileTelling::kNothing;          // what LayerScan::owned has
  const formats::packages::JarTable* jars = nullptr;  // outlives the scanners; null: none
  std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
  Limits limits;
  // Held by whichever scanner has a large file in memory, so that not all threads have one at once;
  // outlives the scanners. Null: one thread.
  std::mutex* large = nullptr;
};

// Reads layers, each once and as a stream: no file is written, no path trusted, and only what was
// found is kept of what was read. One object a thread.
class LayerScanner {
 public:
  static constexpr std::uint64_t kEntriesMax = 50'000'000;  // of one layer
  static constexpr std::size_t kFindingsMax = 100'000;
  static constexpr std::size_t kFilesMax = 1'000'000;  // in which something was found
  static constexpr std::size_t kProblemsMax = 100;
  // Documents with statements about vulnerabilities, of one layer.
  static constexpr std::size_t kStatementsMax = 1000;
  static constexpr std::uint64_t kStatementBytesMax = std::uint64_t{4} << 20;
  static constexpr std::uint64_t kLargeBytes = std::uint64_t{8} << 20;

  // `scanner` finds secrets (null: none are looked for, nor models); it and `options` outlive this.
  LayerScanner(const LayerScanOptions& options, scan::secrets::SecretScanner* scanner)
      : options_(options), scanner_(scanner), packed_(options.file_bytes_max, options.limits) {
    limits_.values_max = kValuesMax;
    limits_.file_bytes_max = static_cast<std::size_t>(options.file_bytes_max);
    if (options.models != nullptr && scanner != nullptr)
      models_ = std::make_unique<LayerModels>(*options.models, *scanner);
  }

  // `name` is for problems. A layer that breaks off gives what stands before, and a problem.
  // `turn` (null: none) gives way between entries.
  LayerScan scan(std::string_view name, formats::archive::ByteStream& tar,
                 const std::atomic<bool>& stop, WorkTurn* turn = nullptr);
  // The same of a text of the image that lies in no layer; what is found goes to `findings`.
  void scan_text(std::string_view path, std::string_view text,
                 std::vector<event::Finding>& findings);

 private:
  static constexpr std::size_t kValuesMax = 4'000'000;

  void take_entry(const formats::archive::TarEntry& entry, formats::archive::TarReader& reader);
  void take_link(std::string_view path, std::string_view target);
  void take_file(const formats::archive::TarEntry& entry, std::string_view path,
                 formats::archive::TarReader& reader);
  std::string_view take_whole(std::uint64_t size, formats::archive::TarReader& reader);
  // Nothing of the gaps is held in memory.
  Result<void> take_program(const formats::archive::TarEntry& entry,
                            const formats::packages::PackageFileKind& kind,
                            std::span<const formats::packages::ProgramGap> gaps, LayerFile& file,
                            formats::archive::TarReader& reader);
  void find_packages(const formats::packages::PackageFileKind& kind, std::string_view content,
                     LayerFile& file);
  void find_secrets(std::string_view content, LayerFile& file);
  void take_large_model(const formats::archive::TarEntry& entry, LayerFile file,
                        formats::archive::TarReader& reader);
  void keep_statements(std::string_view content, LayerFile& file);
  void keep(LayerFile file);
  void problem(std::string_view path, std::string message);

  const LayerScanOptions& options_;
  scan::secrets::SecretScanner* const scanner_;
  Limits limits_;
  ingest::MemoryContents packed_;
  std::string held_;                     // bytes of the entry at hand
  std::unique_ptr<LayerModels> models_;  // null: none are looked for
  LayerScan result_;
  std::string layer_name_;
  std::unordered_map<std::string, std::size_t> by_path_;  // into result_.files, links too
  std::size_t findings_ = 0;
  std::size_t problems_ = 0;
  std::size_t statements_ = 0;
  LayerFiles files_;
};

}  // namespace vedette::engine
