// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/finding_sink.h"
#include "formats/packages/inventory.h"
#include "formats/packages/jars/jar_table.h"
#include "ingest/ignore_scope.h"
#include "scan/vulnerabilities/vex_statements.h"

namespace vedette::engine {

// What targets are looked at as.
enum class PackageTargets : std::uint8_t {
  kTrees,  // files, folders: lock files, manifests and what is installed
  kSboms,  // files, or "-": bills of materials
};

struct PackageScanOptions {
  PackageTargets kind = PackageTargets::kTrees;
  std::vector<std::string> targets;  // files, folders
  std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
  ingest::IgnoreOptions ignore;
  bool installed = false;  // also what lies installed in the tree (node_modules, vendor)
  // Recognises by their classes what was taken into jars; null: not asked.
  std::shared_ptr<const formats::packages::JarTable> jars;
};

struct PackageScan {
  // Subjects of bills of materials that have Package URLs.
  scan::vulnerabilities::ScannedProduct scanned;
  std::vector<formats::packages::PackageFile> files;  // in the order of their paths, settled
  // Problems of files are in it; ScanSummary::findings counts packages, ScanSummary::files those of
  // a known kind.
  event::ScanSummary summary;
};

// Reads all lock files and manifests below the targets, or the bills of materials that they are.
// `stop` ends it early, with what was read so far. An Error only where nothing could be begun. One
// thread: walking a tree is most of the work.
Result<PackageScan> scan_packages(const PackageScanOptions& options, const std::atomic<bool>& stop);

}  // namespace vedette::engine
