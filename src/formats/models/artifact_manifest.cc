// SPDX-License-Identifier: Apache-2.0
#include "formats/models/artifact_manifest.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"
#include "formats/packages/tree.h"

namespace vedette::formats::models {
namespace {

using packages::Member;
using packages::Node;

constexpr std::string_view kSha256 = "sha256";
constexpr std::size_t kDigitsMax = 64;

bool is_digits(std::string_view text) {
  return text.size() == kDigitsMax && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string name_of(const Node& annotations) {
  constexpr auto kKeys = std::to_array<std::string_view>(
      {"org.opencontainers.image.title", "org.cncf.model.filepath", "org.cnai.model.filepath"});
  for (const std::string_view key : kKeys) {
    if (const Node& name = annotations[key]; name.is_text()) return std::string(name.text);
  }
  return {};
}

void add(const Node& blob, ArtifactManifest& manifest) {
  if (!blob["digest"].is_text()) return;
  if (manifest.layers.size() >= ArtifactManifest::kLayersMax) {
    manifest.is_cut = true;
    return;
  }
  ArtifactLayer layer;
  layer.digest = blob["digest"].text;
  // Ollama writes parameters behind it.
  const std::string_view type = blob["mediaType"].text;
  layer.media_type = type.substr(0, type.find(';'));
  layer.name = name_of(blob["annotations"]);
  const std::string_view size = blob["size"].text;
  std::from_chars(size.data(), size.data() + size.size(), layer.size);
  manifest.layers.push_back(std::move(layer));
}

}  // namespace

bool read_artifact_manifest(std::string_view path, std::string_view text,
                            ArtifactManifest& manifest) {
  if (text.size() > ArtifactManifest::kBytesMax) return false;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{' ||
      text.find("\"digest\"") == std::string_view::npos)
    return false;
  Limits limits;
  limits.values_max = 200'000;
  limits.file_bytes_max = ArtifactManifest::kBytesMax;
  const packages::Tree tree = packages::read_json(path, text, limits);
  const Node& root = tree.root;
  if (!root["layers"].is_list() && !root["manifests"].is_list()) return false;
  for (const std::string_view key : {"layers", "manifests", "blobs"}) {
    for (const Member& blob : root[key].members) add(blob.value, manifest);
  }
  add(root["config"], manifest);
  add(root["subject"], manifest);
  manifest.is_cut = manifest.is_cut || tree.is_cut;
  return !manifest.layers.empty();
}

std::string digest_of_blob(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  std::string_view name = path.substr(slash + 1);
  const std::string_view folder = path.substr(0, slash);
  const auto is_in = [folder](std::string_view place) {
    return folder == place || (folder.ends_with(place) && folder.size() > place.size() &&
                               folder[folder.size() - place.size() - 1] == '/');
  };
  if (is_in("blobs") && name.starts_with("sha256-"))
    name.remove_prefix(kSha256.size() + 1);
  else if (!is_in("blobs/sha256"))
    return {};
  return is_digits(name) ? "sha256:" + std::string(name) : std::string();
}

bool is_sha256_digest(std::string_view text) {
  return text.starts_with("sha256:") && is_digits(text.substr(kSha256.size() + 1));
}

}  // namespace vedette::formats::models
