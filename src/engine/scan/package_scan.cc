// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/package_scan.h"

#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include "engine/scan/skip_report.h"
#include "formats/packages/file_owners.h"
#include "formats/packages/purl_parts.h"
#include "formats/sbom/sbom.h"
#include "ingest/content_reader.h"
#include "ingest/file_walk.h"

namespace vedette::engine {
namespace {

using formats::packages::FileRole;
using formats::packages::PackageFile;
using formats::packages::PackageFileKind;

// Of the values in one lock file; those of large projects have some 200,000.
constexpr std::size_t kValuesMax = 4'000'000;

// By SbomKind. They are known by their content, and read here.
constexpr std::array<PackageFileKind, 3> kSbomKinds = {
    {{"CycloneDX", FileRole::kLock}, {"SPDX", FileRole::kLock}, {"SPDX tags", FileRole::kLock}}};

class TreeReading {
 public:
  TreeReading(const PackageScanOptions& options, PackageScan& scan)
      : options_(options), scan_(scan), reader_({options.file_bytes_max, Limits()}, shared_) {
    limits_.values_max = kValuesMax;
    limits_.file_bytes_max = options.file_bytes_max;
  }

  void read(const ingest::FileWalk::Chunk& chunk, const ingest::FileWalk::Entry& entry) {
    const std::string_view path = chunk.path(entry);
    if (options_.kind == PackageTargets::kSboms) return read_contents(chunk, entry, nullptr);
    const PackageFileKind* kind = formats::packages::package_file_kind(path);
    const bool named = entry.folder == nullptr;  // by the user
    if (kind == nullptr) {
      if (named) {
        scan_.summary.problems.push_back(
            {DiagnosticKind::kError,
             {std::string(path), 0, 0, 0},
             "expected the name of a lock file or manifest, found another",
             "Name the folder that it lies in, or give it the name that its tool expects."});
      }
      return;
    }
    const bool is_installed = kind->role == FileRole::kInstalled || kind->role == FileRole::kFiles;
    if (is_installed && !options_.installed && !named) return;
    read_contents(chunk, entry, kind);
  }

  ingest::SkipTally& skipped() { return skipped_; }

 private:
  // `kind`: null for a bill of materials.
  void read_contents(const ingest::FileWalk::Chunk& chunk, const ingest::FileWalk::Entry& entry,
                     const PackageFileKind* kind) {
    using formats::packages::FileBytes;
    using ReadAs = ingest::ContentReader::ReadAs;
    const bool is_binary = kind != nullptr && kind->bytes == FileBytes::kBinary;
    reader_.open(chunk, entry, is_binary ? ReadAs::kStored : ReadAs::kText);
    ingest::ContentPiece piece;
    while (reader_.next(piece)) {
      if (piece.skipped) skipped_.add(*piece.skipped, piece.name, piece.message);
      if (piece.skipped && piece.bytes.empty()) continue;
      ++scan_.summary.files;
      scan_.summary.bytes += piece.bytes.size();
      if (kind == nullptr) {
        read_bill(piece);
      } else {
        const std::string_view path = chunk.path(entry);
        scan_.files.push_back({std::string(path), kind,
                               formats::packages::read_package_file(*kind, path, piece.bytes,
                                                                    limits_, options_.jars.get()),
                               "", 0});
      }
    }
  }

  void read_bill(const ingest::ContentPiece& piece) {
    auto sbom = formats::sbom::read_sbom(piece.name, piece.bytes, limits_);
    if (!sbom) {
      scan_.summary.problems.push_back(
          {DiagnosticKind::kError, {std::string(piece.name), 0, 0, 0}, sbom.error().message, ""});
      return;
    }
    add_subject(sbom->subject_purl);
    scan_.files.push_back({std::string(piece.name),
                           &kSbomKinds[static_cast<std::size_t>(sbom->kind)], std::move(sbom->list),
                           "", 0});
  }

  void add_subject(const std::string& purl) {
    const auto parts = formats::packages::split_purl(purl);
    if (!parts) return;
    scan_.scanned.purls.push_back(purl);
    if (parts->type == "oci" && !parts->version.empty())
      scan_.scanned.digests.push_back(parts->version);
  }

  const PackageScanOptions& options_;
  PackageScan& scan_;
  Limits limits_;
  ingest::ContentReader::Shared shared_;
  ingest::ContentReader reader_;
  ingest::SkipTally skipped_;
};

}  // namespace

Result<PackageScan> scan_packages(const PackageScanOptions& options,
                                  const std::atomic<bool>& stop) {
  PackageScan scan;
  scan.summary.scanner = "packages";
  scan.summary.targets = options.targets.size();
  const auto begin = std::chrono::steady_clock::now();
  if (options.targets.empty())
    return failure(ErrorCode::kInvalid, "expected files or folders to scan, found none");
  TRY(const auto walk, ingest::FileWalk::create(options.targets, options.ignore));
  TreeReading reading(options, scan);
  ingest::FileWalk::Chunk chunk;
  while (!stop.load(std::memory_order_relaxed) && walk->take(chunk)) {
    reading.skipped().add(chunk.skipped);
    for (ingest::FileWalk::Entry& entry : chunk.entries) {
      reading.read(chunk, entry);
      entry.folder = nullptr;
    }
  }
  if (options.kind == PackageTargets::kTrees) {
    formats::packages::settle_files(scan.files);
    formats::packages::settle(scan.files);
  }
  event::ScanSummary& summary = scan.summary;
  summary.interrupted = stop.load(std::memory_order_relaxed);
  summary.problems.insert(summary.problems.end(), walk->problems().begin(), walk->problems().end());
  for (PackageFile& file : scan.files) {
    summary.findings += file.list.packages.size();
    std::vector<Diagnostic>& problems = file.list.problems;
    summary.problems.insert(summary.problems.end(), std::make_move_iterator(problems.begin()),
                            std::make_move_iterator(problems.end()));
    problems.clear();
  }
  append_skipped(reading.skipped(), options.file_bytes_max, summary);
  // Only files of a known kind are opened, so each that is binary would have been read.
  for (event::Skipped& skipped : summary.skipped) skipped.loss |= skipped.reason == "binary";
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return scan;
}

}  // namespace vedette::engine
