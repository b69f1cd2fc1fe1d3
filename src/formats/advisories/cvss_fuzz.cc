// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/advisories/cvss.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto score =
      vedette::formats::advisories::cvss_score({reinterpret_cast<const char*>(data), size});
  if (score) CHECK(*score >= 0 && *score <= 10);
  return 0;
}
