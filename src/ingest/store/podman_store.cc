// SPDX-License-Identifier: Apache-2.0
// containers-storage (containers/storage: images.go, layers.go): podman, buildah, CRI-O.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "formats/packages/tree.h"
#include "ingest/registry/challenge.h"
#include "ingest/store/image_store.h"
#include "ingest/store/store_image.h"

namespace vedette::ingest {
namespace {

using formats::packages::Member;
using formats::packages::Node;
using formats::packages::Tree;

constexpr std::size_t kDocumentMax = std::size_t{256} << 20;
constexpr std::size_t kLayersMax = 1000;
// Drivers whose layers are folders that tar-split can be read with.
constexpr auto kDrivers = std::to_array<std::string_view>({"overlay", "vfs"});

bool is_plain_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

Result<Tree> read_table(const StoreFolder& folder, const std::string& name) {
  TRY(const std::string json, folder.read(name, kDocumentMax));
  Limits limits;
  limits.values_max = 20'000'000;
  limits.file_bytes_max = kDocumentMax;
  Tree tree = formats::packages::read_json(name, json, limits);
  if (!tree.problems.empty() || !tree.root.is_list())
    return failure(ErrorCode::kInvalid, fmt::format("{}/{}: expected a list, found something else",
                                                    folder.path(), name));
  return tree;
}

struct Found {
  std::string id;
  std::string top;  // layer
  std::vector<std::string> names;
  std::string config;  // name of its datum
};

NameMatch match_of(const Node& image, std::string_view name) {
  NameMatch best = ingest::match_of(image["id"].text, name);
  for (const Member& one : image["names"].members)
    best = std::max(best, ingest::match_of(one.value.text, name));
  const std::size_t at = name.find('@');
  const bool same_digest =
      at != std::string_view::npos && image["digest"].text == name.substr(at + 1);
  return same_digest ? NameMatch::kExact : best;
}

Result<Found> find_image(const StoreFolder& folder, const std::string& images,
                         std::string_view name) {
  TRY(const Tree tree, read_table(folder, images + "/images.json"));
  const Node* image = nullptr;
  NameMatch best = NameMatch::kNone;
  for (const Member& one : tree.root.members) {
    const NameMatch match = match_of(one.value, name);
    if (match <= best) continue;
    best = match;
    image = &one.value;
  }
  if (image == nullptr)
    return failure(ErrorCode::kNotFound, fmt::format("no image {} in {}", name, folder.path()));
  Found found;
  found.id = (*image)["id"].text;
  found.top = (*image)["layer"].text;
  for (const Member& each : (*image)["names"].members) found.names.emplace_back(each.value.text);
  found.config = "sha256:" + found.id;
  if (!is_plain_id(found.id))
    return failure(ErrorCode::kInvalid, fmt::format("expected an id, found {}", found.id));
  return found;
}

using Folders = std::vector<std::shared_ptr<const StoreFolder>>;

struct Layer {
  std::string id;
  std::string parent;
  std::shared_ptr<const StoreFolder> folder;
};

// The layers from the lowest; of the first folder that has each.
Result<std::vector<Layer>> chain_of(const Folders& folders, const std::string& layers,
                                    const std::string& top) {
  std::map<std::string, Layer, std::less<>> known;
  for (const auto& folder : folders) {
    const auto tree = read_table(*folder, layers + "/layers.json");
    if (!tree && folder == folders.front()) return std::unexpected(tree.error());
    if (!tree) continue;
    for (const Member& one : tree->root.members) {
      const std::string id(one.value["id"].text);
      known.try_emplace(id, id, std::string(one.value["parent"].text), folder);
    }
  }
  std::vector<Layer> chain;
  for (std::string id = top; !id.empty();) {
    const auto found = known.find(id);
    if (found == known.end() || !is_plain_id(id))
      return failure(ErrorCode::kInvalid,
                     fmt::format("{}: the layer {} is missing", folders.front()->path(), id));
    if (chain.size() == kLayersMax)
      return failure(ErrorCode::kLimit, "expected at most 1,000 layers, found more");
    chain.push_back(found->second);
    id = found->second.parent;
  }
  std::ranges::reverse(chain);
  return chain;
}

Result<std::unique_ptr<ImageFile>> open_of(std::string_view driver, const Folders& folders,
                                           std::string_view name, const Limits& limits) {
  const std::shared_ptr<const StoreFolder>& folder = folders.front();
  const std::string images = fmt::format("{}-images", driver);
  const std::string layers = fmt::format("{}-layers", driver);
  TRY(const Found found, find_image(*folder, images, name));
  TRY(const std::vector<Layer> chain, chain_of(folders, layers, found.top));
  auto image = std::make_unique<StoreImage>(limits);
  image->add_text("manifest.json", saved_manifest(found.names, chain.size()));
  // Names with other than letters, digits, '.', '-' and '_' are written as base64.
  image->add_file("config.json", folder,
                  fmt::format("{}/{}/={}", images, found.id, base64_encoded(found.config)));
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const std::string contents =
        driver == "vfs"
            ? fmt::format("{}/vfs/dir/{}", chain[i].folder->path(), chain[i].id)
            : fmt::format("{}/{}/{}/diff", chain[i].folder->path(), driver, chain[i].id);
    TRY(StoreFolder opened, StoreFolder::open(contents));
    image->add_layer(fmt::format("layers/{}", i), chain[i].folder,
                     fmt::format("{}/{}.tar-split.gz", layers, chain[i].id),
                     std::make_shared<const StoreFolder>(std::move(opened)));
  }
  return image;
}

}  // namespace

Result<std::unique_ptr<ImageFile>> open_podman_image(const std::string& path,
                                                     const std::vector<std::string>& more,
                                                     std::string_view name, const Limits& limits) {
  TRY(StoreFolder opened, StoreFolder::open(path));
  Folders folders = {std::make_shared<const StoreFolder>(std::move(opened))};
  for (const std::string& one : more) {
    if (Result<StoreFolder> folder = StoreFolder::open(one))
      folders.push_back(std::make_shared<const StoreFolder>(std::move(*folder)));
  }
  Error last{ErrorCode::kNotFound,
             fmt::format("no images of the drivers overlay or vfs in {}", path)};
  for (const std::string_view driver : kDrivers) {
    if (!folders.front()->has(fmt::format("{}-images/images.json", driver))) continue;
    auto image = open_of(driver, folders, name, limits);
    if (image || image.error().code != ErrorCode::kNotFound) return image;
    last = image.error();
  }
  return std::unexpected(last);
}

}  // namespace vedette::ingest
