// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/known_findings.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace vedette::engine {

Result<KnownFindings> KnownFindings::open(const BaselineOptions& options) {
  KnownFindings known;
  known.options_ = options;
  if (options.file.empty()) return known;
  std::error_code error;
  if (options.update && !std::filesystem::exists(options.file, error)) {
    known.baseline_.emplace();
  } else {
    TRY(known.baseline_, scan::Baseline::read(options.file));
  }
  return known;
}

Result<void> KnownFindings::take(std::initializer_list<std::vector<event::Finding>*> findings,
                                 event::ScanSummary& summary) {
  if (!baseline_) return {};
  summary.problems.insert(summary.problems.end(), baseline_->problems().begin(),
                          baseline_->problems().end());
  for (std::vector<event::Finding>* const some : findings) {
    summary.in_baseline += std::erase_if(
        *some, [this](const event::Finding& finding) { return baseline_->holds(finding); });
  }
  if (!options_.update) return {};
  for (const std::vector<event::Finding>* const some : findings) {
    for (const event::Finding& finding : *some) {
      // A statement may be taken back; what it excuses is not known to be harmless.
      if (!event::is_suppressed(finding)) baseline_->add(finding);
    }
  }
  return baseline_->write(options_.file);
}

}  // namespace vedette::engine
