// SPDX-License-Identifier: Apache-2.0
#include "formats/images/image_documents.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "formats/packages/tree.h"

namespace vedette::formats::images {
namespace {

using packages::Member;
using packages::Node;
using packages::Tree;

// Docker itself takes 127; more are possible, thousands are not an image.
constexpr std::size_t kLayersMax = 4096;
constexpr std::size_t kTextsMax = 10'000;

Result<Tree> read_document(std::string_view name, std::string_view json, const Limits& limits) {
  Tree tree = packages::read_json(name, json, limits);
  if (!tree.problems.empty())
    return failure(ErrorCode::kInvalid, fmt::format("{}: {}", name, tree.problems[0].message));
  return tree;
}

std::string platform_of(const Node& node) {
  if (node["architecture"].text.empty()) return {};
  std::string platform = fmt::format("{}/{}", node["os"].text, node["architecture"].text);
  if (!node["variant"].text.empty()) platform += "/" + std::string(node["variant"].text);
  return platform;
}

Descriptor descriptor_of(const Node& node) {
  Descriptor descriptor;
  descriptor.digest = node["digest"].text;
  descriptor.media_type = node["mediaType"].text;
  const std::string_view size = node["size"].text;
  std::from_chars(size.data(), size.data() + size.size(), descriptor.size);
  descriptor.platform = platform_of(node["platform"]);
  descriptor.name = node["annotations"]["org.opencontainers.image.ref.name"].text;
  descriptor.artifact_type = node["artifactType"].text;
  return descriptor;
}

Result<void> expect_digest(std::string_view what, std::string_view digest) {
  if (is_sha256_digest(digest)) return {};
  return failure(ErrorCode::kInvalid, fmt::format("expected {} with a digest sha256:…, found {}",
                                                  what, digest.empty() ? "none" : "another"));
}

std::vector<std::string> texts_of(const Node& list) {
  std::vector<std::string> texts;
  for (const Member& member : list.members) {
    if (texts.size() < kTextsMax && member.value.is_text()) texts.emplace_back(member.value.text);
  }
  return texts;
}

BaseImage base_of(const Node& said) {
  return {std::string(said["org.opencontainers.image.base.name"].text),
          std::string(said["org.opencontainers.image.base.digest"].text)};
}

// A default command, as Docker's own builder and BuildKit write it.
bool is_command(std::string_view text) {
  constexpr std::string_view kShell = "/bin/sh -c #(nop)";
  if (text.starts_with(kShell)) text.remove_prefix(kShell.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.starts_with("CMD ") || text.starts_with("CMD[");
}

}  // namespace

bool is_sha256_digest(std::string_view digest) {
  constexpr std::string_view kPrefix = "sha256:";
  return digest.size() == kPrefix.size() + 64 && digest.starts_with(kPrefix) &&
         digest.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

std::string blob_path(std::string_view digest) {
  DCHECK(is_sha256_digest(digest));
  return "blobs/sha256/" + std::string(digest.substr(digest.find(':') + 1));
}

Result<Index> read_index(std::string_view json, const Limits& limits) {
  TRY(const Tree tree, read_document("the index", json, limits));
  const Node& manifests = tree.root["manifests"];
  if (!manifests.is_list())
    return failure(ErrorCode::kInvalid, "expected \"manifests\" in the index, found none");
  Index index;
  for (const Member& member : manifests.members) {
    const Node& node = member.value;
    // What a builder says about an image (BuildKit) is in the index as an image of no platform.
    if (node["annotations"].has("vnd.docker.reference.type")) continue;
    if (index.manifests.size() >= kLayersMax)
      return failure(ErrorCode::kLimit, fmt::format("expected at most {} images", kLayersMax));
    index.manifests.push_back(descriptor_of(node));
    TRY_VOID(expect_digest("an image", index.manifests.back().digest));
  }
  if (index.manifests.empty())
    return failure(ErrorCode::kInvalid, "expected an image in the index, found none");
  return index;
}

Result<Manifest> read_manifest(std::string_view json, const Limits& limits) {
  TRY(const Tree tree, read_document("the manifest", json, limits));
  Manifest manifest;
  manifest.base = base_of(tree.root["annotations"]);
  manifest.config = descriptor_of(tree.root["config"]);
  TRY_VOID(expect_digest("a configuration", manifest.config.digest));
  for (const Member& member : tree.root["layers"].members) {
    if (manifest.layers.size() >= kLayersMax)
      return failure(ErrorCode::kLimit, fmt::format("expected at most {} layers", kLayersMax));
    manifest.layers.push_back(descriptor_of(member.value));
    TRY_VOID(expect_digest("a layer", manifest.layers.back().digest));
  }
  return manifest;
}

Result<std::vector<SavedImage>> read_saved_images(std::string_view json, const Limits& limits) {
  TRY(const Tree tree, read_document("manifest.json", json, limits));
  std::vector<SavedImage> images;
  for (const Member& member : tree.root.members) {
    SavedImage image;
    image.config = member.value["Config"].text;
    image.layers = texts_of(member.value["Layers"]);
    image.tags = texts_of(member.value["RepoTags"]);
    if (image.config.empty())
      return failure(ErrorCode::kInvalid, "expected \"Config\" in manifest.json, found none");
    if (image.layers.size() > kLayersMax)
      return failure(ErrorCode::kLimit, fmt::format("expected at most {} layers", kLayersMax));
    images.push_back(std::move(image));
    if (images.size() > kTextsMax)
      return failure(ErrorCode::kLimit, fmt::format("expected at most {} images", kTextsMax));
  }
  if (images.empty())
    return failure(ErrorCode::kInvalid, "expected an image in manifest.json, found none");
  return images;
}

Result<ImageConfig> read_image_config(std::string_view json, const Limits& limits) {
  TRY(const Tree tree, read_document("the configuration", json, limits));
  if (!tree.root.is_table())
    return failure(ErrorCode::kInvalid, "expected an object as configuration, found another");
  ImageConfig config;
  config.platform = platform_of(tree.root);
  config.diff_ids = texts_of(tree.root["rootfs"]["diff_ids"]);
  const Node& run = tree.root["config"];
  config.environment = texts_of(run["Env"]);
  config.commands = texts_of(run["Entrypoint"]);
  for (std::string& word : texts_of(run["Cmd"])) config.commands.push_back(std::move(word));
  for (const Member& label : run["Labels"].members) {
    if (config.labels.size() < kTextsMax)
      config.labels.push_back(fmt::format("{}={}", label.key, label.value.text));
  }
  config.base = base_of(run["Labels"]);
  for (const Member& member : tree.root["history"].members) {
    if (config.history.size() >= kTextsMax) break;
    config.history.push_back(
        {std::string(member.value["created_by"].text), !member.value["empty_layer"].is_true()});
  }
  return config;
}

std::size_t ImageConfig::base_layers() const {
  std::size_t layers = 0;
  std::size_t below = 0;    // up to the last command behind which layers follow
  std::size_t command = 0;  // up to the last command
  for (const Instruction& instruction : history) {
    if (instruction.makes_layer) {
      if (command != 0) below = command;
      ++layers;
    } else if (is_command(instruction.text)) {
      command = layers;
    }
  }
  return below;
}

std::string ImageConfig::instruction_of(std::size_t layer) const {
  for (const Instruction& instruction : history) {
    if (!instruction.makes_layer) continue;
    if (layer == 0) return instruction.text;
    --layer;
  }
  return {};
}

}  // namespace vedette::formats::images
