// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "formats/findings/gate_report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto limits = vedette::formats::findings::finding_report_limits();
  const auto document = vedette::formats::findings::read_gate_report(text, "gate.json", limits);
  if (document) {
    for (const auto& one : document->report.judgements) CHECK(one.finding->rule != nullptr);
  }
  static_cast<void>(vedette::formats::findings::read_stages(text, "stages.json", limits));
  return 0;
}
