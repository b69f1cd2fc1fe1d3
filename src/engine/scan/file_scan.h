// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "engine/scan/ordered_findings.h"
#include "engine/scan/result_cache.h"
#include "engine/scan/secret_scan.h"
#include "ingest/file_walk.h"
#include "rules/secret/program.h"

namespace vedette::engine {

// Scans what `walk` gives with as many threads as the options say, until there is no more or `stop`
// is set. What `cache` knows (null: none) is not read, and what it does not is told to it.
// `on_progress` may be called by any of them, one at a time.
void scan_files(const SecretScanOptions& options, ingest::FileWalk& walk,
                const std::shared_ptr<const rules::secret::SecretProgram>& program,
                ResultCache* cache, OrderedFindings& findings, const std::atomic<bool>& stop,
                const std::function<void(const ScanProgress&)>& on_progress);

}  // namespace vedette::engine
