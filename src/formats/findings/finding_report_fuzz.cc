// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "formats/findings/finding_report.h"

// Any bytes: no crash, and no finding without a rule.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto report = vedette::formats::findings::read_finding_report(bytes, "findings.json", {});
  if (!report) return 0;
  for (const auto& finding : report->findings) {
    if (finding.rule == nullptr) __builtin_trap();
  }
  return 0;
}
