// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/shard_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  models::ShardIndex index;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (models::read_shard_index("model.safetensors.index.json", text, index))
    CHECK(std::ranges::is_sorted(index.shards));
  models::stays_in_folder(text);
  return 0;
}
