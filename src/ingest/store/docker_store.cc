// SPDX-License-Identifier: Apache-2.0
// moby's layer and image stores (daemon/internal/layer/filestore.go, image/fs.go) with the driver
// overlay2.
#include <algorithm>
#include <fmt/format.h>

#include "base/digest.h"
#include "formats/images/image_documents.h"
#include "formats/packages/tree.h"
#include "ingest/store/image_store.h"
#include "ingest/store/store_image.h"

namespace vedette::ingest {
namespace {

using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kDocumentMax = std::size_t{64} << 20;
constexpr std::string_view kImages = "image/overlay2/";

std::string_view digits_of(std::string_view digest) { return digest.substr(digest.find(':') + 1); }

struct Found {
  std::string id;  // of the configuration
  std::vector<std::string> names;
};

Result<Found> find_image(const StoreFolder& folder, std::string_view name) {
  TRY(const std::string json,
      folder.read(std::string(kImages) + "repositories.json", kDocumentMax));
  Limits limits;
  limits.values_max = 1'000'000;
  limits.file_bytes_max = kDocumentMax;
  const auto tree = formats::packages::read_json("repositories.json", json, limits);
  Found found;
  NameMatch best = NameMatch::kNone;
  for (const Member& repository : tree.root["Repositories"].members) {
    for (const Member& one : repository.value.members) {
      const NameMatch match = std::max(match_of(one.key, name), match_of(one.value.text, name));
      if (match == NameMatch::kNone || match < best) continue;
      if (match > best) found.names.clear();
      if (match > best || found.id.empty()) found.id = one.value.text;
      best = match;
      if (found.id == one.value.text) found.names.emplace_back(one.key);
    }
  }
  if (!formats::images::is_sha256_digest(found.id))
    return failure(ErrorCode::kNotFound, fmt::format("no image {} in {}", name, folder.path()));
  return found;
}

}  // namespace

Result<std::unique_ptr<ImageFile>> open_docker_image(const std::string& path, std::string_view name,
                                                     const Limits& limits) {
  TRY(StoreFolder opened, StoreFolder::open(path));
  const auto folder = std::make_shared<const StoreFolder>(std::move(opened));
  TRY(const Found found, find_image(*folder, name));
  const std::string config =
      fmt::format("{}imagedb/content/sha256/{}", kImages, digits_of(found.id));
  TRY(const std::string json, folder->read(config, kDocumentMax));
  Limits large;
  large.values_max = 1'000'000;
  TRY(const formats::images::ImageConfig settings, formats::images::read_image_config(json, large));
  auto image = std::make_unique<StoreImage>(limits);
  image->add_text("manifest.json", saved_manifest(found.names, settings.diff_ids.size()));
  image->add_text("config.json", json);
  std::string chain;
  for (std::size_t i = 0; i < settings.diff_ids.size(); ++i) {
    const std::string& id = settings.diff_ids[i];
    if (!formats::images::is_sha256_digest(id))
      return failure(ErrorCode::kInvalid, fmt::format("expected a digest, found {}", id));
    // chain IDs (OCI image specification, config.md, "Layer ChainID").
    chain = i == 0
                ? id
                : fmt::format("sha256:{}", to_hexadecimal(sha256(fmt::format("{} {}", chain, id))));
    const std::string layer = fmt::format("{}layerdb/sha256/{}/", kImages, digits_of(chain));
    TRY(std::string cache, folder->read(layer + "cache-id", 256));
    while (!cache.empty() && cache.back() == '\n') cache.pop_back();
    if (cache.find('/') != std::string::npos || cache.starts_with('.'))
      return failure(ErrorCode::kInvalid, fmt::format("expected a cache-id, found {}", cache));
    TRY(StoreFolder contents, StoreFolder::open(fmt::format("{}/overlay2/{}/diff", path, cache)));
    image->add_layer(fmt::format("layers/{}", i), folder, layer + "tar-split.json.gz",
                     std::make_shared<const StoreFolder>(std::move(contents)));
  }
  return image;
}

}  // namespace vedette::ingest
