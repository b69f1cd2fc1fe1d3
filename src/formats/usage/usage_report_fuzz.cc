// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "formats/usage/usage_report.h"

// Any bytes: no crash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto report = vedette::formats::usage::read_usage("usage.json", bytes, {});
  return report && report->images.size() > size ? 1 : 0;
}
