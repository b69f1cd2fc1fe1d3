// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/packages/package_file.h"

// The first byte chooses the kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kinds = vedette::formats::packages::package_file_kinds();
  const auto& kind = kinds[data[0] % kinds.size()];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto list = kind.read("file", text, {});
  for (const auto& package : list.packages) {
    CHECK(!package.name.empty());
    for (const std::uint32_t index : package.needs) CHECK(index < list.packages.size());
  }
  return 0;
}
