// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "formats/kernel/container_path.h"

namespace vedette {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto found = formats::kernel::container_of(path);
  // An id is never a path.
  CHECK(!found || (!found->id.empty() && found->id.find('/') == std::string::npos));
  return 0;
}

}  // namespace vedette
