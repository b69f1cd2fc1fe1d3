// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/skip_report.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <string_view>

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

void append_skipped(const ingest::SkipTally& skipped, std::uint64_t file_bytes_max,
                    event::ScanSummary& summary) {
  for (const ReasonRow& row : kReasonRows) {
    const ingest::SkipTally::Tally& tally = skipped.of(row.reason);
    if (tally.count == 0) continue;
    summary.skipped.push_back({fmt::format(fmt::runtime(row.text), file_bytes_max >> 20),
                               tally.count, tally.bytes, row.loss, tally.examples});
  }
  std::ranges::stable_sort(summary.skipped, std::ranges::greater(), &event::Skipped::count);
}

}  // namespace vedette::engine
