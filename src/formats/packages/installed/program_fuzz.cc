// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/result.h"
#include "formats/packages/installed/installed.h"

// Under names that well-known programs have too, one for each way to tell a version.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 5> kNames = {"program", "redis-server", "python3.11",
                                                      "openssl", "perl"};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const std::string_view name : kNames) {
    const auto list = vedette::formats::packages::read_program(name, bytes, {});
    for (const auto& package : list.packages) CHECK(!package.name.empty());
  }
  return 0;
}
