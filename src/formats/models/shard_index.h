// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// Which files hold the weights of a model that is cut into several: model.safetensors.index.json
// and its like, as transformers and diffusers write them.
struct ShardIndex {
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;
  static constexpr std::size_t kShardsMax = 20'000;

  std::vector<std::string> shards;  // sorted, each once, as written
  bool is_cut = false;              // more than kShardsMax

  // Whether a file of this name is one: "*.index.json".
  static bool is_name(std::string_view path) { return path.ends_with(".index.json"); }
};

// False where `text` is no JSON object with a weight_map.
bool read_shard_index(std::string_view path, std::string_view text, ShardIndex& index);

// Whether the name of a shard stays in the index's folder, as a loader joins both.
bool stays_in_folder(std::string_view shard);

}  // namespace vedette::formats::models
