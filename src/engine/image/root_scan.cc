// SPDX-License-Identifier: Apache-2.0
#include "engine/image/root_scan.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/image/image_layer.h"
#include "engine/image/image_merge.h"
#include "engine/scan/secret_scan.h"
#include "engine/scan/skip_report.h"
#include "ingest/store/folder_tar.h"

namespace vedette::engine {
namespace {

class KeepingSink final : public event::FindingSink {
 public:
  explicit KeepingSink(std::vector<event::Finding>& kept) : kept_(kept) {}
  Result<void> write(const event::Finding& finding) override {
    kept_.push_back(finding);
    return {};
  }
  Result<void> finish(const event::ScanSummary&) override { return {}; }

 private:
  std::vector<event::Finding>& kept_;
};

// The folder as the one layer of an image.
Result<void> add_packages(const std::string& folder, const ImageScanOptions& options,
                          const std::atomic<bool>& stop, ImageScan& scan) {
  formats::archive::Expansion expansion(options.limits);
  std::atomic<std::uint64_t> bytes_read = 0;
  TRY(const auto tar,
      ingest::open_folder_tar(folder, ingest::OverlayMarks::kNone, {&bytes_read, &expansion}));
  LayerScanOptions wanted;
  wanted.secrets = false;
  wanted.files = options.files;
  wanted.jars = options.jars.get();
  wanted.file_bytes_max = options.file_bytes_max;
  wanted.limits = options.limits;
  std::vector<LayerScan> layers;
  layers.push_back(LayerScanner(wanted, nullptr).scan(folder, *tar, stop));
  scan.layers.resize(1);  // without a digest
  merge_layers(layers, scan);
  scan.layers.clear();
  std::ranges::move(layers[0].problems, std::back_inserter(scan.summary.problems));
  append_skipped(layers[0].skipped, options.file_bytes_max, scan.summary);
  if (!options.secrets) {
    scan.summary.files = layers[0].files_read;
    scan.summary.bytes = layers[0].bytes;
  }
  return {};
}

}  // namespace

Result<ImageScan> scan_root(const std::string& folder, const ImageScanOptions& options,
                            const std::atomic<bool>& stop) {
  ImageScan scan;
  const auto begin = std::chrono::steady_clock::now();
  if (options.secrets) {
    SecretScanOptions wanted;
    wanted.targets = {folder};
    wanted.rules = options.rules;
    wanted.scanner = options.scanner;
    wanted.file_bytes_max = options.file_bytes_max;
    wanted.ignore.git = false;
    wanted.threads = options.threads;
    wanted.limits = options.limits;
    KeepingSink sink(scan.findings);
    TRY(scan.summary, scan_secrets(wanted, sink, stop, {}));
  }
  scan.summary.scanner = "image";
  scan.summary.targets = 1;
  if (options.packages) TRY_VOID(add_packages(folder, options, stop, scan));
  scan.summary.interrupted = stop.load(std::memory_order_relaxed);
  scan.summary.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return scan;
}

}  // namespace vedette::engine
