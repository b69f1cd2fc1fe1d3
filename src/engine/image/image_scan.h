// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "engine/image/image_origin.h"
#include "engine/image/layer_files.h"
#include "engine/scan/result_cache.h"
#include "engine/scan/secret_rules.h"
#include "engine/scan/worker_slots.h"
#include "event/finding.h"
#include "event/finding_sink.h"
#include "formats/images/image_documents.h"
#include "formats/packages/inventory.h"
#include "formats/packages/jars/jar_table.h"
#include "formats/packages/system/os_release.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {

struct ImageScanOptions {
  std::string target;  // a path or a name, see ImageOrigin
  ImageOrigin origin;
  std::string platform;  // of an image for several: "linux/arm64"; empty: linux/amd64
  std::string name;      // of an archive of several images: tag, or begin of a digest
  bool packages = true;
  bool secrets = true;
  bool models = false;  // with `secrets`: what loading the model files would do
  // Asks a registry for the statements (VEX) that are attached to the image.
  bool attached = false;
  FileTelling files = FileTelling::kNothing;
  // Recognises by their classes what was taken into jars; null: not asked.
  std::shared_ptr<const formats::packages::JarTable> jars;
  SecretRulesOptions rules;
  ResultCacheOptions cache;  // of layers
  scan::secrets::ScannerOptions scanner;
  std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
  unsigned threads = 0;  // 0: as many as there are processors
  StageSlots slots;      // shared with other scans
  Limits limits;
};

struct ScannedLayer {
  std::string digest;       // of the layer as it is stored, else unpacked
  std::string instruction;  // that made it, without secrets; empty when history does not say
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // of the files in it
  bool base = false;        // of the image that this one was built on
};

struct ImageDocument {
  std::string path;
  std::string bytes;
};

struct ImageScan {
  std::string from_kind;  // where it was taken from, see OpenedImage; empty: a file system
  std::string from_place;
  std::string name;      // a tag, where one is stored beside
  std::string platform;  // "linux/amd64"
  std::string config_digest;
  formats::images::BaseImage base;  // as far as it is said
  std::string manifest_digest;      // empty: not told
  formats::packages::OsRelease system;
  std::vector<ScannedLayer> layers;  // the lowest first
  // What a container of the image would see, in the order of paths; Package::layer says which layer
  // brought each.
  std::vector<formats::packages::PackageFile> files;
  // Documents with statements about vulnerabilities that a container would see, in the order of
  // paths: of files in the root, "usr/share/vex" and ".vex", with "vex" or "csaf" in their names.
  std::vector<ImageDocument> statements;
  // The same of documents that are attached to the image; `path` says where.
  std::vector<ImageDocument> attached;
  // In the order of paths; also of files that a later layer hides (FindingLayer::hidden), and of
  // the configuration.
  std::vector<event::Finding> findings;
  // What is known of the packages, where that was asked (engine/image/image_findings.h).
  std::vector<event::Finding> vulnerabilities;
  // ScanSummary::findings are the secrets and the vulnerabilities.
  event::ScanSummary summary;
  std::uint64_t advisories = 0;  // of the database, among ScanSummary::rules_loaded
  std::uint64_t packages = 0;
};

// Reads each layer of the image once, as a stream whose digest is checked, and nothing is written.
// `stop` ends it early, with what was found so far. An Error only where there is no image to begin
// with; a layer that is damaged is a problem of the summary, and the others are read.
Result<ImageScan> scan_image(const ImageScanOptions& options, const std::atomic<bool>& stop);

}  // namespace vedette::engine
