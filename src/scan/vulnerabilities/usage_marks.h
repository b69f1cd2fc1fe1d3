// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event/finding.h"
#include "formats/packages/inventory.h"
#include "formats/usage/usage_report.h"
#include "scan/vulnerabilities/vex_statements.h"

namespace vedette::scan::vulnerabilities {

struct UsageCounts {
  std::uint64_t used = 0;
  std::uint64_t unused = 0;
  std::uint64_t unknown = 0;
};

// The images of a report that what was scanned was observed as: by digest, else by name; of trees
// and bills of materials without a product all of them.
std::vector<const formats::usage::UsedImage*> observed_images(
    const formats::usage::UsageReport& report, const ScannedProduct& scanned);

// Whether a file of the package was opened in one of the images. Nothing where that cannot be
// known: what files it has is not told, or observation has gaps (lost events, forgotten paths).
// That none was opened is only said where both are complete.
std::optional<bool> was_used(const formats::packages::Package& package,
                             const std::vector<const formats::usage::UsedImage*>& images,
                             bool is_complete);

// Sets FindingVulnerability::used and watched_seconds, with evidence. A package in several places
// is used when it is in one of them.
UsageCounts mark_usage(const formats::usage::UsageReport& report, const ScannedProduct& scanned,
                       const std::vector<formats::packages::PackageFile>& files,
                       std::vector<event::Finding>& findings);

}  // namespace vedette::scan::vulnerabilities
