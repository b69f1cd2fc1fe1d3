// SPDX-License-Identifier: Apache-2.0
#include "formats/models/shard_index.h"

#include <algorithm>

#include "base/limits.h"
#include "formats/packages/tree.h"

namespace vedette::formats::models {
namespace {

constexpr std::size_t kTensorsMax = 4'000'000;

}  // namespace

bool read_shard_index(std::string_view path, std::string_view text, ShardIndex& index) {
  Limits limits;
  limits.file_bytes_max = ShardIndex::kBytesMax;
  limits.values_max = kTensorsMax;
  const packages::Tree tree = packages::read_json(path, text, limits);
  const packages::Node& map = tree.root["weight_map"];
  if (!tree.root.is_table() || !map.is_table()) return false;
  std::vector<std::string_view> names;
  names.reserve(map.members.size());
  for (const packages::Member& member : map.members) {
    // Tensors of one file mostly stand together.
    if (member.value.is_text() && (names.empty() || names.back() != member.value.text))
      names.push_back(member.value.text);
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  index.is_cut = names.size() > ShardIndex::kShardsMax;
  if (index.is_cut) names.resize(ShardIndex::kShardsMax);
  index.shards.assign(names.begin(), names.end());
  return true;
}

bool stays_in_folder(std::string_view shard) {
  if (shard.empty() || shard.front() == '/' || shard.front() == '\\' || shard.front() == '~' ||
      shard.find("://") != std::string_view::npos || (shard.size() > 1 && shard[1] == ':')) {
    return false;
  }
  for (std::size_t at = 0; at <= shard.size();) {
    const std::size_t end = std::min(shard.find_first_of("/\\", at), shard.size());
    if (shard.substr(at, end - at) == "..") return false;
    at = end + 1;
  }
  return true;
}

}  // namespace vedette::formats::models
