// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/scan/vulnerability_run.h"
#include "event/finding.h"
#include "event/finding_sink.h"
#include "formats/packages/inventory.h"

namespace vedette::cmd {

// What was found in one of two things that are compared.
struct DiffSide {
  std::string name;
  std::vector<formats::packages::PackageFile> files;
  std::vector<event::Finding> findings;
  event::ScanSummary summary;  // keeps alive what Finding::rule points to
};

// Whether `format` is one of a comparison; else an Error with those that are. Empty: by where it
// goes.
Result<void> check_diff_format(const std::string& format);

// Reports what changed, and answers with the exit code: blocked by new vulnerabilities only.
int report_diff(const DiffSide& before, const DiffSide& after, const VulnerabilityFlags& flags,
                const VulnerabilityReport& report);

// Reads two bills of materials, or two trees, and reports what changed.
int run_package_diff(const std::string& before, const VulnerabilityFlags& flags,
                     const VulnerabilityReport& report, const engine::PackageScanOptions& after);

}  // namespace vedette::cmd
