// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/packages/installed/installed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto list = vedette::formats::packages::read_program("program", bytes, {});
  for (const auto& package : list.packages) CHECK(!package.name.empty());
  return 0;
}
