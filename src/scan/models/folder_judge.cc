// SPDX-License-Identifier: Apache-2.0
#include "scan/models/folder_judge.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>
#include <utility>

namespace vedette::scan::models {
namespace {

using formats::models::ShardIndex;

constexpr std::size_t kFindingsMax = 50;  // of one index
constexpr std::size_t kNamesShown = 3;

// What torch.load() or joblib reads, in transformers' and diffusers' names and others.
constexpr auto kPickles =
    std::to_array<std::string_view>({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"});

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.size() - name_of(path).size());
}

bool is_pickle_name(std::string_view name) {
  return std::ranges::any_of(kPickles, [name](std::string_view e) { return name.ends_with(e); });
}

// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names) {
  const std::span shown(names.data(), std::min(names.size(), kNamesShown));
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (names.size() > kNamesShown) text += fmt::format(" and {} more", names.size() - kNamesShown);
  return text;
}

// "model-00002-of-00005.safetensors"
bool is_shard_name(std::string_view name) {
  const std::size_t of = name.find("-of-");
  return of != std::string_view::npos && of >= 5 && of + 4 < name.size() && name[of - 1] >= '0' &&
         name[of - 1] <= '9' && name[of + 4] >= '0' && name[of + 4] <= '9';
}

class FolderJudge {
 public:
  FolderJudge(const ModelRules& rules, std::span<const FolderFile> files,
              const std::function<bool(const std::string&)>& exists,
              std::vector<event::Finding>& findings)
      : rules_(rules), files_(files), exists_(exists), findings_(findings) {}

  void judge() {
    for (const FolderFile& file : files_) {
      if (file.index) judge_index(file);
    }
    judge_choice();
  }

 private:
  void judge_index(const FolderFile& file) {
    const std::string folder(folder_of(file.path));
    std::vector<std::string> missing;
    for (const std::string& shard : file.index->shards) {
      if (formats::models::stays_in_folder(shard) && !exists_(folder + shard))
        missing.push_back(shard);
    }
    if (!missing.empty()) {
      add(ModelRule::kIncomplete, file.path, missing.front(),
          fmt::format("The index names {}, not there: what was looked at is not all of the model",
                      listed(missing)));
    }
    // Those of the same make: the index of safetensors says nothing of .bin files.
    const std::string_view name = name_of(file.path);
    const bool of_safetensors = name.find(".safetensors.") != std::string_view::npos;
    std::vector<std::string> extra;
    for (const FolderFile& other : files_) {
      const std::string other_name(name_of(other.path));
      const bool same =
          of_safetensors ? other_name.ends_with(".safetensors") : is_pickle_name(other_name);
      // The variants of one model ("model.fp16-…") have indices of their own.
      const std::string_view stem = name.substr(0, name.find('.'));
      if (same && is_shard_name(other_name) && other_name.starts_with(stem) &&
          !std::ranges::binary_search(file.index->shards, other_name)) {
        extra.push_back(other_name);
      }
    }
    if (!extra.empty() && !file.index->is_cut) {
      add(ModelRule::kIncomplete, file.path, extra.front(),
          fmt::format("The index does not name {}, which no loader of it reads", listed(extra)));
    }
  }

  // transformers and diffusers take safetensors where they are.
  void judge_choice() {
    const auto is_safe = [](const FolderFile& file) {
      return !file.is_hostile && file.path.ends_with(".safetensors");
    };
    const auto safe = std::ranges::find_if(files_, is_safe);
    if (safe == files_.end()) return;
    for (const FolderFile& file : files_) {
      if (!file.is_hostile || !is_pickle_name(file.path)) continue;
      add(ModelRule::kLoaderChoice, file.path, std::string(name_of(file.path)),
          fmt::format("transformers and diffusers load {} beside it; {} is loaded by "
                      "use_safetensors=False, by torch.load and where safetensors is not installed",
                      name_of(safe->path), name_of(file.path)));
    }
  }

  void add(ModelRule rule, std::string_view path, const std::string& call, std::string message) {
    findings_.push_back(make_finding(rules_[rule], path, 0, call, std::move(message)));
  }

  const ModelRules& rules_;
  std::span<const FolderFile> files_;  // the caller's
  const std::function<bool(const std::string&)>& exists_;
  std::vector<event::Finding>& findings_;
};

}  // namespace

bool judge_shard_index(const ModelRules& rules, std::string_view path, std::string_view bytes,
                       std::vector<event::Finding>& findings) {
  ShardIndex index;
  if (!ShardIndex::is_name(path) || !read_shard_index(path, bytes, index)) return false;
  const bool of_safetensors = path.ends_with(".safetensors.index.json");
  std::size_t count = 0;
  for (const std::string& shard : index.shards) {
    if (count >= kFindingsMax) break;
    if (!formats::models::stays_in_folder(shard)) {
      ++count;
      findings.push_back(make_finding(
          rules[ModelRule::kReadsFiles], path, 0, shard,
          fmt::format("The index makes a loader read {}, outside of the model's folder", shard)));
    } else if (of_safetensors && !shard.ends_with(".safetensors")) {
      ++count;
      findings.push_back(make_finding(
          rules[ModelRule::kIndexMisleads], path, 0, shard,
          fmt::format("The index of safetensors names {}, which loaders unpickle", shard)));
    }
  }
  return true;
}

bool matters_in_folder(std::string_view path) {
  return path.ends_with(".safetensors") || is_pickle_name(path) || ShardIndex::is_name(path);
}

std::vector<event::Finding> judge_folders(const ModelRules& rules, std::vector<FolderFile> files,
                                          const std::function<bool(const std::string&)>& exists) {
  std::vector<event::Finding> findings;
  std::ranges::sort(files, {}, [](const FolderFile& file) {
    return std::pair(folder_of(file.path), std::string_view(file.path));
  });
  for (auto begin = files.begin(); begin != files.end();) {
    const std::string_view folder = folder_of(begin->path);
    const auto end = std::find_if(begin, files.end(), [folder](const FolderFile& file) {
      return folder_of(file.path) != folder;
    });
    FolderJudge(rules, std::span(begin, end), exists, findings).judge();
    begin = end;
  }
  return findings;
}

}  // namespace vedette::scan::models
