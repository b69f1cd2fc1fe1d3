// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/finding.h"
#include "event/finding_sink.h"
#include "scan/baseline.h"

namespace vedette::engine {

struct BaselineOptions {
  std::string file;     // findings that are known; empty: none
  bool update = false;  // adds what is found, and makes the file if missing
};

// What a user knows already of what is found.
class KnownFindings {
 public:
  static Result<KnownFindings> open(const BaselineOptions& options);

  // Takes out what is known, counted in ScanSummary::in_baseline; with BaselineOptions::update the
  // others are known from now on.
  Result<void> take(std::initializer_list<std::vector<event::Finding>*> findings,
                    event::ScanSummary& summary);

 private:
  BaselineOptions options_;
  std::optional<scan::Baseline> baseline_;
};

}  // namespace vedette::engine
