// SPDX-License-Identifier: Apache-2.0
#include "output/finding/finding_formats.h"

#include <algorithm>
#include <array>

namespace vedette::output {
namespace {

constexpr std::array<FindingFormat, 4> kFormats = {{
    {"table", "for people: by file, with the line and a mark", make_finding_table},
    {"ndjson", "one JSON object a line", make_finding_ndjson},
    {"json", "one JSON object with findings and summary", make_finding_json},
    {"sarif", "SARIF 2.1.0 for code scanning services", make_finding_sarif},
}};

}  // namespace

std::span<const FindingFormat> finding_formats() { return kFormats; }

Result<std::unique_ptr<event::FindingSink>> make_finding_sink(std::string_view format,
                                                              const FindingSinkOptions& options) {
  const auto* const row = std::ranges::find(kFormats, format, &FindingFormat::name);
  if (row != kFormats.end()) return row->make(options);
  std::string known;
  for (const FindingFormat& each : kFormats) (known += known.empty() ? "" : ", ") += each.name;
  return failure(ErrorCode::kInvalid,
                 "expected a format out of " + known + ", found \"" + std::string(format) + '"');
}

}  // namespace vedette::output
