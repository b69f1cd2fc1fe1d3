// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "engine/image/image_scan.h"
#include "engine/scan/known_findings.h"
#include "engine/vulnerabilities/vulnerability_finder.h"

namespace vedette::engine {

struct ImageFindingsOptions {
  ImageScanOptions scan;
  std::string root;                      // a root file system in place of scan.target
  VulnerabilityOptions vulnerabilities;  // no database: packages are listed, not judged
  // Statements of the image's own documents (ImageScan::statements) hold, too. Not by default: an
  // image must not excuse itself.
  bool own_statements = false;
  BaselineOptions baseline;
};

// "pkg:oci/shop@sha256:…?repository_url=…&tag=…"; empty without a name or a digest.
std::string image_purl(const ImageScan& scan);

// scan_image() or scan_root(), and what a database knows of the packages: in
// ImageScan::vulnerabilities, with the layers that brought them. What the baseline knows is taken
// out. An Error also where a database or baseline cannot be read, which is asked first.
Result<ImageScan> find_in_image(const ImageFindingsOptions& options, const std::atomic<bool>& stop);

}  // namespace vedette::engine
