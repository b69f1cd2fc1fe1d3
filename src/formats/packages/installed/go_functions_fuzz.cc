// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/result.h"
#include "formats/packages/installed/go_functions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto functions =
      vedette::formats::packages::go_functions(bytes, {{"main", "example.org/a"}, {"b", "c"}});
  CHECK(std::ranges::is_sorted(functions.keys));
  CHECK(!functions.is_complete || !functions.keys.empty());
  return 0;
}
