// SPDX-License-Identifier: Apache-2.0
#include "formats/images/layer_cover.h"

#include <algorithm>

#include "base/hash.h"

namespace vedette::formats::images {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::string_view kMark = ".wh..wh.";  // and others of aufs, which say nothing

void sort_once(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

bool holds(const std::vector<std::uint64_t>& hashes, std::uint64_t hash) {
  return std::binary_search(hashes.begin(), hashes.end(), hash);
}

}  // namespace

std::optional<std::string> layer_path(std::string_view name) {
  std::string path;
  if (name.find('\0') != std::string_view::npos) return std::nullopt;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

bool LayerCover::add(std::string_view path, Kind kind) {
  const std::size_t slash = path.rfind('/');
  const std::string_view folder =
      slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  const std::string_view name = path.substr(slash + 1);
  if (!name.starts_with(kWhiteout)) {
    (kind == Kind::kFile ? replaced_ : folders_).push_back(hash_bytes(path));
    return true;
  }
  if (name == kOpaque) {
    opaque_.push_back(hash_bytes(folder));
  } else if (!name.starts_with(kMark) && name.size() > kWhiteout.size()) {
    std::string target(folder);
    if (!folder.empty()) target += '/';
    target += name.substr(kWhiteout.size());
    replaced_.push_back(hash_bytes(target));
  }
  return false;
}

void LayerCover::seal() {
  sort_once(replaced_);
  sort_once(folders_);
  sort_once(opaque_);
}

bool LayerCover::hides(std::string_view path) const {
  const std::uint64_t own = hash_bytes(path);
  if (holds(replaced_, own) || holds(folders_, own)) return true;
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    const std::uint64_t above = hash_bytes(path);
    if (holds(opaque_, above) || holds(replaced_, above)) return true;
  }
  return false;
}

}  // namespace vedette::formats::images
