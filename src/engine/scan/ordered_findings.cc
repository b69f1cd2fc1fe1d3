// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/ordered_findings.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <string_view>
#include <utility>

namespace vedette::engine {
namespace {

using ingest::SkipReason;

struct ReasonRow {
  SkipReason reason;
  std::string_view text;
  bool loss;  // the user wanted it scanned
};

constexpr std::array kReasonRows = {
    ReasonRow{SkipReason::kBinary, "binary", false},
    ReasonRow{SkipReason::kTooLarge, "larger than {} MiB", true},
    ReasonRow{SkipReason::kUnreadable, "could not be read", true},
    ReasonRow{SkipReason::kVanished, "vanished before it could be read", true},
    ReasonRow{SkipReason::kDamaged, "damaged: read up to the damage", true},
    ReasonRow{SkipReason::kArchiveLimit, "a limit for archives was reached", true},
    ReasonRow{SkipReason::kSealed, "encrypted, or packed in an unknown way", true},
    ReasonRow{SkipReason::kIgnoredByGit, "ignored by git", false},
    ReasonRow{SkipReason::kIgnoredByOwnFile, "ignored by .vedetteignore", false},
    ReasonRow{SkipReason::kExcluded, "excluded by --exclude", false},
    ReasonRow{SkipReason::kLink, "symbolic link, not followed", false},
    ReasonRow{SkipReason::kSpecial, "pipe, socket or device", false},
    ReasonRow{SkipReason::kVirtual, "file system of the kernel", false},
};
static_assert(kReasonRows.size() == static_cast<std::size_t>(SkipReason::kCount));

}  // namespace

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

void OrderedFindings::add(const scan::ScanCounts& counts) {
  const std::lock_guard lock(mutex_);
  counts_.allowed += counts.allowed;
  counts_.below_confidence += counts.below_confidence;
}

void OrderedFindings::write(const Part& part) {
  files_ += part.files;
  bytes_ += part.bytes;
  skipped_.add(part.skipped);
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
  summary.findings = findings_;
  summary.in_baseline = in_baseline_;
  summary.allowed = counts_.allowed;
  summary.below_confidence = counts_.below_confidence;
  for (const ReasonRow& row : kReasonRows) {
    const ingest::SkipTally::Tally& tally = skipped_.of(row.reason);
    if (tally.count == 0) continue;
    summary.skipped.push_back({fmt::format(fmt::runtime(row.text), file_bytes_max >> 20),
                               tally.count, tally.bytes, row.loss, tally.examples});
  }
  std::ranges::stable_sort(summary.skipped, std::ranges::greater(), &event::Skipped::count);
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace vedette::engine
