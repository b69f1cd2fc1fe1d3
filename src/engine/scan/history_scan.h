// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "engine/scan/ordered_findings.h"
#include "engine/scan/result_cache.h"
#include "engine/scan/secret_scan.h"
#include "rules/secret/program.h"

namespace vedette::engine {

// Somebody asks about one secret: all objects that hold it, of which findings name a few.
struct HistoryWatch {
  std::string identity;  // its begin
  std::mutex mutex;      // of the objects
  std::set<std::string> objects;
};

// Scans each blob of the histories of all targets once. What was found is one finding for each
// secret, at the commit and path that brought it first, with the other paths it stands at; in the
// order of commits. Of a whole history that `cache` (null: none) knows only what came since is
// read; what that brings again stays at the commit that was known. Fills in commits, losses and
// problems of `summary`.
Result<void> scan_histories(const SecretScanOptions& options,
                            const std::shared_ptr<const rules::secret::SecretProgram>& program,
                            ResultCache* cache, OrderedFindings& findings,
                            event::ScanSummary& summary, const std::atomic<bool>& stop,
                            const std::function<void(const ScanProgress&)>& on_progress,
                            HistoryWatch* watch = nullptr);

}  // namespace vedette::engine
