// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_source.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/digest.h"

namespace vedette::engine {
namespace {

using formats::images::Descriptor;
using formats::images::Index;
using formats::images::Manifest;
using formats::images::SavedImage;

constexpr std::size_t kDocumentMax = std::size_t{16} << 20;
constexpr int kIndexDepthMax = 4;
constexpr std::string_view kUsualPlatform = "linux/amd64";

bool is_index(std::string_view media_type) {
  return media_type.find("image.index") != std::string_view::npos ||
         media_type.find("manifest.list") != std::string_view::npos;
}
// Types are said by registries; a layout made by hand may leave them out.
bool is_manifest(std::string_view media_type) {
  return media_type.empty() || media_type.find("image.manifest") != std::string_view::npos ||
         media_type.find("distribution.manifest.v") != std::string_view::npos;
}

class Opening {
 public:
  Opening(const std::string& path, ImageChoice choice, const Limits& limits)
      : path_(path), choice_(std::move(choice)), limits_(limits) {
    limits_.values_max = kValuesMax;
  }

  Result<ImageSource> open(const Limits& limits) {
    TRY(OpenedImage opened, open_origin(path_, choice_.origin, limits, choice_.stop));
    source_.file = std::move(opened.file);
    source_.from_kind = std::move(opened.kind);
    source_.from_place = std::move(opened.place);
    if (source_.file->has("manifest.json")) {
      TRY_VOID(open_saved());
    } else if (source_.file->has("index.json")) {
      TRY_VOID(open_layout());
    } else {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected an image, with manifest.json (docker save) or index.json "
                      "(OCI layout), found neither in {}",
                      path_));
    }
    return std::move(source_);
  }

 private:
  static constexpr std::size_t kValuesMax = 1'000'000;

  void doubt(std::string message, DiagnosticKind kind = DiagnosticKind::kWarning) {
    source_.problems.push_back({kind, {path_, 0, 0, 0}, std::move(message), ""});
  }

  Result<void> read_config(const std::string& part, std::string_view digest) {
    TRY(const std::string json, source_.file->read(part, kDocumentMax));
    source_.config_digest = "sha256:" + to_hexadecimal(sha256(json));
    if (!digest.empty() && digest != source_.config_digest) {
      doubt(fmt::format("expected a configuration of {}, found one of {}", digest,
                        source_.config_digest),
            DiagnosticKind::kError);
    }
    TRY(source_.config, formats::images::read_image_config(json, limits_));
    return {};
  }

  Result<const SavedImage*> choose(const std::vector<SavedImage>& images) {
    const SavedImage* chosen = &images.front();
    if (choice_.name.empty()) {
      if (images.size() > 1) {
        doubt(fmt::format("{} images in the archive, the first is scanned; choose one with --name",
                          images.size()));
      }
      return chosen;
    }
    for (const SavedImage& image : images) {
      const bool tagged = std::ranges::find(image.tags, choice_.name) != image.tags.end();
      if (tagged || image.config.find(choice_.name) != std::string::npos) return &image;
    }
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected an image {} in {}, found others", choice_.name, path_));
  }

  Result<void> open_saved() {
    TRY(const std::string json, source_.file->read("manifest.json", kDocumentMax));
    TRY(const auto images, formats::images::read_saved_images(json, limits_));
    TRY(const SavedImage* const image, choose(images));
    if (!image->tags.empty()) source_.name = image->tags.front();
    TRY_VOID(read_config(image->config, {}));
    const std::vector<std::string>& ids = source_.config.diff_ids;
    if (ids.size() != image->layers.size()) {
      doubt(fmt::format("expected {} layers as the configuration has, found {}", ids.size(),
                        image->layers.size()),
            DiagnosticKind::kError);
    }
    for (std::size_t i = 0; i < image->layers.size(); ++i) {
      ImageSource::Layer layer;
      layer.part = image->layers[i];
      const std::string stored = "sha256:" + layer.part.substr(layer.part.rfind('/') + 1);
      const bool by_digest = layer.part.starts_with("blobs/sha256/");
      if (by_digest && formats::images::is_sha256_digest(stored)) {
        layer.digest = stored;
      } else if (i < ids.size() && formats::images::is_sha256_digest(ids[i])) {
        layer.digest = ids[i];
        layer.of_stored = false;
      }
      source_.layers.push_back(std::move(layer));
    }
    return {};
  }

  bool is_chosen(const Descriptor& one) const {
    if (!choice_.name.empty())
      return one.name == choice_.name || one.digest.find(choice_.name) != std::string::npos;
    const std::string_view wanted = choice_.platform.empty() ? kUsualPlatform : choice_.platform;
    return one.platform == wanted || one.platform.starts_with(std::string(wanted) + "/");
  }

  Result<Descriptor> choose(const Index& index) {
    std::string others;
    for (const Descriptor& one : index.manifests) {
      if (is_chosen(one)) return one;
      others += fmt::format("{}{}", others.empty() ? "" : ", ",
                            one.platform.empty() ? one.name : one.platform);
    }
    const bool asked = !choice_.name.empty() || !choice_.platform.empty();
    // One image needs no choice, and says its platform in its configuration.
    if (index.manifests.size() == 1 && (!asked || index.manifests[0].platform.empty()))
      return index.manifests[0];
    if (!asked) {
      doubt(fmt::format("several images ({}), the first is scanned; choose one with --platform",
                        others));
      return index.manifests[0];
    }
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected an image {}{} in {}, found {}", choice_.name,
                               choice_.platform, path_, others));
  }

  // A document that a digest names.
  Result<std::string> read_blob(const Descriptor& descriptor) {
    TRY(std::string json,
        source_.file->read(formats::images::blob_path(descriptor.digest), kDocumentMax));
    const std::string digest = "sha256:" + to_hexadecimal(sha256(json));
    if (digest != descriptor.digest) {
      return failure(ErrorCode::kInvalid, fmt::format("expected a manifest of {}, found one of {}",
                                                      descriptor.digest, digest));
    }
    return json;
  }

  Result<void> open_layout() {
    TRY(std::string json, source_.file->read("index.json", kDocumentMax));
    Descriptor descriptor;
    for (int depth = 0;; ++depth) {
      if (depth == kIndexDepthMax)
        return failure(ErrorCode::kLimit, "expected an image, found indexes in each other");
      TRY(const Index index, formats::images::read_index(json, limits_));
      TRY(descriptor, choose(index));
      choice_.name.clear();  // an index within has platforms only
      if (!descriptor.name.empty()) source_.name = descriptor.name;
      if (!is_index(descriptor.media_type)) break;
      TRY(json, read_blob(descriptor));
    }
    if (!is_manifest(descriptor.media_type)) {
      return failure(
          ErrorCode::kUnsupported,
          fmt::format("expected the manifest of an image, found {}", descriptor.media_type));
    }
    TRY(json, read_blob(descriptor));
    source_.manifest_digest = descriptor.digest;
    TRY(const Manifest manifest, formats::images::read_manifest(json, limits_));
    TRY_VOID(
        read_config(formats::images::blob_path(manifest.config.digest), manifest.config.digest));
    if (!manifest.base.name.empty()) source_.config.base = manifest.base;
    for (const Descriptor& layer : manifest.layers) {
      source_.layers.push_back({formats::images::blob_path(layer.digest), layer.digest, true});
    }
    return {};
  }

  const std::string& path_;
  ImageChoice choice_;
  Limits limits_;  // of documents
  ImageSource source_;
};

}  // namespace

Result<ImageSource> open_image(const std::string& target, const ImageChoice& choice,
                               const Limits& limits) {
  return Opening(target, choice, limits).open(limits);
}

}  // namespace vedette::engine
