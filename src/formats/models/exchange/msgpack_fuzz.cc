// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/exchange/msgpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  models::MsgpackReader reader({reinterpret_cast<const char*>(data), size});
  models::MsgpackValue value;
  std::size_t count = 0;
  while (reader.next(value)) {
    CHECK(value.bytes.size() <= size);
    CHECK(reader.depth() <= models::MsgpackReader::kDepthMax);
    CHECK(++count <= 2 * size);  // each takes a byte, and tables and lists have an end
  }
  CHECK(reader.place() <= size);
  return 0;
}
