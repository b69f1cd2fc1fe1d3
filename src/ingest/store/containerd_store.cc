// SPDX-License-Identifier: Apache-2.0
// containerd (core/metadata/buckets.go, plugins/content/local): images are names of digests, in
// buckets of name spaces; blobs are files.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "formats/images/bolt_file.h"
#include "formats/images/image_documents.h"
#include "ingest/store/image_store.h"
#include "ingest/store/store_image.h"

namespace vedette::ingest {
namespace {

using formats::images::BoltFile;

constexpr std::size_t kMetadataMax = std::size_t{2} << 30;
// Images of one name space whose digests are looked at; each costs a look at all.
constexpr std::size_t kTargetsMax = 5000;
constexpr std::string_view kMetadata = "io.containerd.metadata.v1.bolt/meta.db";
constexpr std::string_view kContent = "io.containerd.content.v1.content";

struct Found {
  std::string name;
  std::string digest;
  std::string media_type;
};

Result<Found> target_of(const BoltFile& file, std::string_view space, std::string_view name) {
  TRY(const auto fields, file.entries({"v1", space, "images", name, "target"}));
  Found found;
  found.name = name;
  for (const BoltFile::Entry& field : fields) {
    if (field.key == "digest") found.digest = field.value;
    if (field.key == "mediatype") found.media_type = field.value;
  }
  if (!formats::images::is_sha256_digest(found.digest))
    return failure(ErrorCode::kInvalid, fmt::format("expected a digest of {}, found none", name));
  return found;
}

Result<Found> find_image(const BoltFile& file, std::string_view asked, const std::string& path) {
  TRY(const auto spaces, file.entries({"v1"}));
  NameMatch best = NameMatch::kNone;
  std::string_view best_space;
  std::string_view best_name;
  const std::size_t at = asked.find('@');
  for (const BoltFile::Entry& space : spaces) {
    if (!space.is_bucket) continue;
    TRY(const auto images, file.entries({"v1", space.key, "images"}));
    for (const BoltFile::Entry& image : images) {
      const NameMatch match = image.is_bucket ? match_of(image.key, asked) : NameMatch::kNone;
      if (match <= best) continue;
      best = match;
      best_space = space.key;
      best_name = image.key;
    }
    if (best != NameMatch::kNone || at == std::string_view::npos) continue;
    if (images.size() > kTargetsMax) continue;
    for (const BoltFile::Entry& image : images) {
      TRY(Found found, target_of(file, space.key, image.key));
      if (found.digest == asked.substr(at + 1)) return found;
    }
  }
  if (best != NameMatch::kNone) return target_of(file, best_space, best_name);
  return failure(ErrorCode::kNotFound, fmt::format("no image {} in {}", asked, path));
}

}  // namespace

Result<std::unique_ptr<ImageFile>> open_containerd_image(const std::string& path,
                                                         std::string_view name,
                                                         const Limits& limits) {
  TRY(const StoreFolder root, StoreFolder::open(path));
  TRY(const std::string bytes, root.read(kMetadata, kMetadataMax));
  TRY(const BoltFile file, BoltFile::open(bytes));
  TRY(const Found found, find_image(file, name, path));
  TRY(StoreFolder content, StoreFolder::open(path + "/" + std::string(kContent)));
  auto image = std::make_unique<StoreImage>(limits);
  std::string index;
  JsonWriter json(index);
  json.begin_object().key("schemaVersion").number(2).key("manifests").begin_array().begin_object();
  json.key("mediaType").string(found.media_type).key("digest").string(found.digest);
  json.key("size").number(0).key("annotations").begin_object();
  json.key("org.opencontainers.image.ref.name").string(found.name);
  json.end_object().end_object().end_array().end_object();
  image->add_text("index.json", std::move(index));
  image->set_blobs(std::make_shared<const StoreFolder>(std::move(content)));
  return image;
}

}  // namespace vedette::ingest
