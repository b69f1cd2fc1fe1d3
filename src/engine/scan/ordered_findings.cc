// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/ordered_findings.h"

#include <utility>

#include "engine/scan/skip_report.h"

namespace vedette::engine {

OrderedFindings::Progress OrderedFindings::hand_on(Part part) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = part.number;
  waiting_.emplace(number, std::move(part));
  for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_written_;
       first = waiting_.erase(first), ++next_written_) {
    write(first->second);
  }
  return {files_, findings_};
}

void OrderedFindings::write(const Part& part) {
  files_ += part.files;
  bytes_ += part.bytes;
  cached_ += part.cached;
  skipped_.add(part.skipped);
  counts_ += part.counts;
  for (const event::Finding& finding : part.findings) {
    if (error_) return;
    if (baseline_ != nullptr && baseline_->holds(finding)) {
      ++in_baseline_;
      continue;
    }
    if (baseline_ != nullptr && use_ == BaselineUse::kUpdate) news_.push_back(finding);
    ++findings_;
    if (const Result<void> written = sink_.write(finding); !written) error_ = written.error();
  }
}

Result<void> OrderedFindings::conclude(std::uint64_t file_bytes_max, event::ScanSummary& summary) {
  summary.files = files_;
  summary.bytes = bytes_;
  summary.cached = cached_;
  summary.findings = findings_;
  summary.in_baseline = in_baseline_;
  summary.allowed = counts_.allowed;
  summary.below_confidence = counts_.below_confidence;
  append_skipped(skipped_, file_bytes_max, summary);
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace vedette::engine
