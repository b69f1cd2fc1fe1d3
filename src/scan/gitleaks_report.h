// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vedette::scan {

// What a finding of gitleaks' JSON report says of its place.
struct GitleaksFinding {
  std::string rule;
  std::string file;
  std::string commit;  // empty: found in a file
  std::string secret;  // as the report has it, often redacted
  std::string fingerprint;
  std::uint32_t line = 0;
};

// More findings than this, or values nested deeper, are refused with ErrorCode::kLimit.
inline constexpr std::size_t kGitleaksFindingsMax = 1'000'000;
inline constexpr std::size_t kGitleaksDepthMax = 64;

// Reads a report (`gitleaks --report-format json`): an array of flat objects. Keys that are not
// needed are passed over. ErrorCode::kInvalid names the byte where the text is no such report.
Result<std::vector<GitleaksFinding>> read_gitleaks_report(std::string_view text);

}  // namespace vedette::scan
