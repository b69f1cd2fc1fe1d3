// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "event/programme.h"
#include "event/verdict.h"
#include "formats/findings/finding_report.h"

namespace vedette::engine {

// What is kept of one run: `reports` are the gate's, of one or several parts of it. `facts.time` 0:
// that of the latest report. `stages` tell how long scanners took, and of ones that no report
// names. The same repository, commit, pipeline and reports give the same id. ErrorCode::kInvalid
// where the facts have no repository or are not printable.
Result<event::RunRecord> record_of(std::span<const event::GateReport* const> reports,
                                   event::RunFacts facts,
                                   std::span<const event::ScannerRun> stages);

// The same of findings that nobody judged. The id has the time only where `time_counts`.
enum class TimeCounts : std::uint8_t { kNo, kYes };
Result<event::RunRecord> record_of_findings(
    std::span<const formats::findings::FindingReport> reports, event::RunFacts facts,
    TimeCounts time_counts);

}  // namespace vedette::engine
