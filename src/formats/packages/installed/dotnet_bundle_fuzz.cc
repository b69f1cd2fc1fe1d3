// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/dotnet_bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto list = vedette::formats::packages::bundled_deps_json(bytes);
  if (list && *list) CHECK((*list)->name.size() <= size);
  return 0;
}
