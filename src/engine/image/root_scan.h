// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "engine/image/image_scan.h"

namespace vedette::engine {

// As scan_image() of what the files below a folder would be as an image of one layer: a file system
// that is mounted or unpacked. Links are not followed.
Result<ImageScan> scan_root(const std::string& folder, const ImageScanOptions& options,
                            const std::atomic<bool>& stop);

}  // namespace vedette::engine
