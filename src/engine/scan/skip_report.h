// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "event/finding_sink.h"
#include "ingest/skip_tally.h"

namespace vedette::engine {

// Says in the words of a report what a walk passed over, most first.
void append_skipped(const ingest::SkipTally& skipped, std::uint64_t file_bytes_max,
                    event::ScanSummary& summary);

}  // namespace vedette::engine
