// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/finding.h"

namespace vedette::event {

// Things that a scan passed over for one reason.
struct Skipped {
  std::string reason;  // "binary", "larger than 50 MiB", "ignored by .gitignore"
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  bool loss = false;                 // the user wanted it scanned, and it could not be: exit code 3
  std::vector<Diagnostic> examples;  // the first kExamplesKept
  static constexpr std::size_t kExamplesKept = 20;
};

// What a scan did, handed to every sink at its end.
struct ScanSummary {
  std::string scanner;  // "secrets"
  std::uint64_t targets = 0;
  std::uint64_t files = 0;              // looked at, members of archives included
  std::uint64_t commits = 0;            // histories only
  std::uint64_t bytes = 0;              // after unpacking
  std::uint64_t cached = 0;             // files whose result was known
  std::uint64_t findings = 0;           // written
  std::uint64_t in_baseline = 0;        // known to --baseline or an ignore file, not written
  std::uint64_t suppressed = 0;         // of `findings`: written, and said to be nothing to act on
  std::uint64_t statements = 0;         // of producers (VEX) that were read
  std::uint64_t statements_unused = 0;  // about nothing that was found
  std::uint64_t allowed = 0;            // by a rule's allowlist or a comment beside it
  std::uint64_t below_confidence = 0;
  std::uint64_t rules_loaded = 0;
  std::uint64_t rules_refused = 0;
  double seconds = 0;
  double load_seconds = 0;  // rules
  bool interrupted = false;
  std::vector<Skipped> skipped;          // most first
  std::vector<Diagnostic> problems;      // rules refused, targets that could not be read
  std::shared_ptr<const void> rule_set;  // keeps alive what Finding::rule points to
};

// Where findings go. Called by one thread, in the order of targets, paths and offsets, which does
// not depend on the number of threads.
class FindingSink {
 public:
  virtual ~FindingSink() = default;
  virtual Result<void> write(const Finding& finding) = 0;
  // Called once, also after Ctrl-C.
  virtual Result<void> finish(const ScanSummary& summary) = 0;
};

}  // namespace vedette::event
