// SPDX-License-Identifier: Apache-2.0
#include "engine/image/root_scan.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "engine/scan/package_scan.h"
#include "engine/scan/secret_scan.h"

namespace vedette::engine {
namespace {

// As of programs and databases in images.
constexpr std::uint64_t kProgramBytesMax = std::uint64_t{256} << 20;
constexpr std::size_t kOsReleaseBytesMax = std::size_t{64} << 10;

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

Result<void> add_packages(const std::string& folder, const ImageScanOptions& options,
                          const std::atomic<bool>& stop, ImageScan& scan) {
  for (const std::string_view path : formats::packages::kOsReleasePaths) {
    const Result<std::string> text =
        read_file(folder + "/" + std::string(path), kOsReleaseBytesMax);
    if (text && scan.system.id.empty()) scan.system = formats::packages::read_os_release(*text);
  }
  PackageScanOptions wanted;
  wanted.targets = {folder};
  wanted.ignore.git = false;
  wanted.installed = true;
  wanted.asked_for = false;
  wanted.programs = true;
  wanted.file_bytes_max = std::max(options.file_bytes_max, kProgramBytesMax);
  TRY(PackageScan found, scan_packages(wanted, stop));
  for (formats::packages::PackageFile& file : found.files) {
    formats::packages::set_distribution(scan.system, file.list);
    scan.packages += file.list.packages.size();
    scan.files.push_back(std::move(file));
  }
  std::ranges::move(found.summary.problems, std::back_inserter(scan.summary.problems));
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
