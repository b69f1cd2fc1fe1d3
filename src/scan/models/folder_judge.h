// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "formats/models/shard_index.h"
#include "scan/models/model_rules.h"

// What files of one folder are together: a model whose weights are cut into several files, and
// weights in more than one format, of which a loader takes one.
namespace vedette::scan::models {

// Judges an index alone: names that lead out of its folder, a pickle among safetensors. False where
// the file is no index.
bool judge_shard_index(const ModelRules& rules, std::string_view path, std::string_view bytes,
                       std::vector<event::Finding>& findings);

struct FolderFile {
  std::string path;
  bool is_hostile = false;                           // something above informational was found
  std::optional<formats::models::ShardIndex> index;  // of an index
};
// Whether a file of this name is wanted by judge_folders().
bool matters_in_folder(std::string_view path);

// Of all files that matter, in any order. `exists` is asked for shards that are not among them.
// What is found is informational, in the order of paths.
std::vector<event::Finding> judge_folders(const ModelRules& rules, std::vector<FolderFile> files,
                                          const std::function<bool(const std::string&)>& exists);

}  // namespace vedette::scan::models
