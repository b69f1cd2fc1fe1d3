// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/scan/ordered_findings.h"
#include "engine/scan/secret_scan.h"
#include "rules/secret/program.h"

namespace vedette::engine {

// What is staged in all targets, and new: see scan/git/staged.h. One thread: there is little.
Result<void> scan_staged(const SecretScanOptions& options,
                         const std::shared_ptr<const rules::secret::SecretProgram>& program,
                         OrderedFindings& findings, event::ScanSummary& summary);

// What the unified diffs of all targets ("-": standard input) add: see scan/git/diff_reader.h.
Result<void> scan_diffs(const SecretScanOptions& options,
                        const std::shared_ptr<const rules::secret::SecretProgram>& program,
                        OrderedFindings& findings, event::ScanSummary& summary);

}  // namespace vedette::engine
