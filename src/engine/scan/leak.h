// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/scan/secret_scan.h"
#include "event/finding.h"

namespace vedette::engine {

// What there is to know of one secret in a history, to answer the leak.
struct Leak {
  event::Finding finding;                    // the first place, and one for each other path
  std::vector<std::string> branches;         // whose history holds it, however it came there
  std::vector<std::string> remote_branches;  // "origin/main": what others could fetch
  std::vector<std::string> tags;
  std::vector<std::string> other_references;
  std::vector<std::string> holding_now;      // of all these: in whose files it still stands
  bool only_in_reflogs = false;              // reflogs lead to it, and nothing else
  std::vector<event::FindingPlace> in_head;  // where it still stands; line 0: somewhere in the file
  // Commits that have it though no parent has, the oldest first; the count is of all.
  std::vector<event::FindingCommit> brought_in;
  std::uint64_t brought_in_count = 0;
  std::vector<event::FindingCommit> taken_out;  // commits that removed it, the newest first
  std::vector<std::string> remotes;             // "origin https://…"
  std::shared_ptr<const void> rule_set;         // keeps alive what the finding points to
};

// Looks for the secret whose identity begins with `identity` in the history of the one target. An
// Error where none or several do.
Result<Leak> explain_leak(const SecretScanOptions& options, const std::string& identity,
                          const std::atomic<bool>& stop,
                          const std::function<void(const ScanProgress&)>& on_progress);

}  // namespace vedette::engine
