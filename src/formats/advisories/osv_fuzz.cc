// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/advisories/osv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vedette::Limits limits;
  limits.record_bytes_max = 1 << 20;
  const auto advisory = vedette::formats::advisories::OsvReader().read(
      {reinterpret_cast<const char*>(data), size}, limits);
  if (advisory) CHECK(!advisory->id.empty());
  return 0;
}
