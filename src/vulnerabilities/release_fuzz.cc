// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/release.h"

// As a manifest, which when understood is written as it was read; and as a packed database.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace vulnerabilities = vedette::vulnerabilities;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto release = vulnerabilities::read_release(text)) {
    const auto again = vulnerabilities::read_release(vulnerabilities::to_text(*release));
    CHECK(again.has_value() && again->digest == release->digest);
    for (const auto& file : release->files) CHECK(!file.name.contains('/'));
  }
  static_cast<void>(vulnerabilities::unpack(text, "", 1 << 16));
  static_cast<void>(vulnerabilities::unpack(text, text, size));
  return 0;
}
