// SPDX-License-Identifier: Apache-2.0
#include "scan/baseline.h"

// What was read and written is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vedette::scan::Baseline;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto baseline = Baseline::parse(text, "fuzz");
  if (!baseline) return 0;
  const std::string written = baseline->text();
  const auto again = Baseline::parse(written, "again");
  CHECK(again.has_value());
  CHECK(again->problems().empty());
  CHECK(again->text() == written);
  vedette::event::FindingRule rule;
  vedette::event::Finding finding;
  finding.rule = &rule;
  finding.identity = text.substr(0, 32);
  if (finding.identity.size() == 32 && again->size() != 0 && again->holds(finding))
    CHECK(baseline->holds(finding));
  return 0;
}
