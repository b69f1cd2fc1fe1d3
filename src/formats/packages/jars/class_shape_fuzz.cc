// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "formats/packages/jars/class_shape.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto shape = vedette::formats::packages::class_shape(bytes);
  const auto again = vedette::formats::packages::class_shape(bytes);
  CHECK(shape.has_value() == again.has_value() && (!shape || shape->hash == again->hash));
  return 0;
}
