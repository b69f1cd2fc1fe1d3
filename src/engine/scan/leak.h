// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/scan/secret_scan.h"
#include "event/finding.h"

namespace vedette::engine {

// What there is to know of one secret in a history, to answer the leak.
struct Leak {
  event::Finding finding;                    // the first place, and one for each other path
  std::vector<std::string> branches;         // whose history holds it
  std::vector<std::string> remote_branches;  // "origin/main": what others could fetch
  std::vector<std::string> tags;
  std::vector<std::string> other_references;
  std::vector<event::FindingPlace> in_head;  // where it still stands
  std::vector<std::string> remotes;          // "origin https://…"
  std::shared_ptr<const void> rule_set;      // keeps alive what the finding points to
};

// Looks for the secret whose identity begins with `identity` in the history of the first target. An
// Error where none or several do.
Result<Leak> explain_leak(const SecretScanOptions& options, const std::string& identity,
                          const std::atomic<bool>& stop,
                          const std::function<void(const ScanProgress&)>& on_progress);

}  // namespace vedette::engine
