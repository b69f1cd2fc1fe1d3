// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "sensor/client_hello.h"

namespace vedette {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view name = sensor::server_name(bytes);
  CHECK(name.empty() ||
        (name.data() >= bytes.data() && name.data() + name.size() <= bytes.data() + bytes.size()));
  return 0;
}

}  // namespace vedette
