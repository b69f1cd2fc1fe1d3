// SPDX-License-Identifier: Apache-2.0
#include "engine/image/layer_files.h"

#include <unordered_map>

namespace vedette::engine {

using formats::archive::TarReader;
using formats::packages::OwnedFile;

void LayerFiles::begin(FileTelling telling) {
  telling_ = telling;
  is_kept_ = is_told_ = false;
  files_.clear();
  links_.clear();
  sum_.reset();
}

bool LayerFiles::add(std::string_view path) {
  is_kept_ = telling_ != FileTelling::kNothing && files_.size() < kFilesMax;
  if (is_kept_) files_.push_back({std::string(path), std::nullopt});
  if (is_kept_ || telling_ == FileTelling::kNothing || is_told_) return true;
  is_told_ = true;
  return false;
}

void LayerFiles::link_to(std::string_view path) {
  if (is_kept_ && telling_ == FileTelling::kSums) links_.emplace_back(files_.size() - 1, path);
}

void LayerFiles::begin_sum(TarReader& reader) {
  if (!is_kept_ || telling_ != FileTelling::kSums) return;
  reader.sum_into(&sum_.emplace());
}

void LayerFiles::end_sum(TarReader& reader) {
  if (!sum_) return;
  unread_.resize(kStep);
  Result<std::size_t> got = 1;
  while (got && *got != 0) got = reader.read(unread_.data(), unread_.size());
  reader.sum_into(nullptr);
  // An error comes again with the next entry.
  if (got) files_.back().sum = sum_->finish();
  sum_.reset();
}

std::vector<OwnedFile> LayerFiles::take() {
  // Of a name that comes twice, the last.
  std::unordered_map<std::string_view, std::optional<Sha1>> sums;
  for (const auto& [index, target] : links_) sums.try_emplace(target);
  if (!sums.empty()) {
    for (const OwnedFile& file : files_) {
      const auto found = sums.find(file.path);
      if (found != sums.end() && file.sum) found->second = file.sum;
    }
  }
  for (const auto& [index, target] : links_) files_[index].sum = sums.at(target);
  links_.clear();
  return std::move(files_);
}

}  // namespace vedette::engine
