// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "output/package/package_formats.h"

namespace vedette::output {

// CycloneDX 1.6, JSON. What is ours stands in properties "vedette:…": relation, range asked for,
// source of a distribution's package.
Result<void> write_cyclonedx(const std::vector<formats::packages::PackageFile>& files,
                             const event::ScanSummary& summary,
                             const PackageReportOptions& options);

// SPDX 2.3, JSON.
Result<void> write_spdx(const std::vector<formats::packages::PackageFile>& files,
                        const event::ScanSummary& summary, const PackageReportOptions& options);

}  // namespace vedette::output
