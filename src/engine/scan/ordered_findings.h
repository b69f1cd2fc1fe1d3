// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/scan/secret_scan.h"
#include "event/finding_sink.h"
#include "ingest/skip_tally.h"
#include "scan/baseline.h"
#include "scan/content.h"

namespace vedette::engine {

// Brings what threads found back into the order of the input, so that what is written does not
// depend on them, and counts. hand_on() may be called by any thread, all else afterwards.
class OrderedFindings {
 public:
  // What one piece of the work gave. Numbers begin at 0 and leave none out.
  struct Part {
    std::uint64_t number = 0;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t cached = 0;  // stored files whose result was known
    std::vector<event::Finding> findings;
    ingest::SkipTally skipped;
    scan::ScanCounts counts;
  };
  struct Progress {
    std::uint64_t files = 0;
    std::uint64_t findings = 0;
  };

  // `sink` and `baseline` (null: none) outlive this.
  OrderedFindings(event::FindingSink& sink, const scan::Baseline* baseline, BaselineUse use)
      : sink_(sink), baseline_(baseline), use_(use) {}

  Progress hand_on(Part part);

  // Fills in what is known here. The sink's error, if it had one.
  Result<void> conclude(std::uint64_t file_bytes_max, event::ScanSummary& summary);
  // Told for the first time, with BaselineUse::kUpdate.
  const std::vector<event::Finding>& news() const { return news_; }

 private:
  void write(const Part& part);

  event::FindingSink& sink_;
  const scan::Baseline* const baseline_;
  const BaselineUse use_;

  std::mutex mutex_;  // of all below
  std::map<std::uint64_t, Part> waiting_;
  std::uint64_t next_written_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t cached_ = 0;
  std::uint64_t findings_ = 0;
  std::uint64_t in_baseline_ = 0;
  std::vector<event::Finding> news_;
  scan::ScanCounts counts_;
  ingest::SkipTally skipped_;
  std::optional<Error> error_;
};

}  // namespace vedette::engine
