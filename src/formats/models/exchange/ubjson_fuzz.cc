// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/exchange/ubjson.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  const models::UbjsonDocument document =
      models::read_ubjson({reinterpret_cast<const char*>(data), size});
  CHECK(document.nodes.size() <= models::UbjsonDocument::kNodesMax);
  for (const models::UbjsonNode& node : document.nodes) {
    CHECK(node.bytes.size() <= size && node.key.size() <= size);
    if (node.count != 0) models::ubjson_number(node, node.count - 1);
    document.find(node, "learner");
  }
  return 0;
}
