// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/exchange/text_proto.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  models::TextProtoReader reader({reinterpret_cast<const char*>(data), size});
  models::TextProtoEvent event;
  std::size_t count = 0;
  while (reader.next(event)) {
    CHECK(event.value.size() <= models::TextProtoReader::kValueMax);
    CHECK(reader.depth() <= models::TextProtoReader::kDepthMax);
    CHECK(++count <= size + 1);
  }
  return 0;
}
