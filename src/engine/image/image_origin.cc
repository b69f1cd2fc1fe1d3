// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_origin.h"

#include <fmt/format.h>
#include <unistd.h>
#include <vector>

#include "ingest/registry/registry_image.h"
#include "ingest/registry/short_names.h"
#include "ingest/store/image_store.h"

namespace vedette::engine {
namespace {

// A misspelt path must not become a question to a server.
bool is_path(const std::string& target) {
  return ::access(target.c_str(), F_OK) == 0 || target.starts_with('/') ||
         target.starts_with("./") || target.starts_with("../") || target.ends_with(".tar");
}

std::string_view name_of(ingest::StoreKind kind) {
  switch (kind) {
    case ingest::StoreKind::kDocker:
      return "docker";
    case ingest::StoreKind::kContainerd:
      return "containerd";
    case ingest::StoreKind::kPodman:
      break;
  }
  return "podman";
}

// The first store that has it. kNotFound names all that were looked at.
Result<OpenedImage> open_of_store(const std::string& name, const ImageOrigin& origin,
                                  const Limits& limits) {
  using ingest::StoreKind;
  const auto is_wanted = [&origin](StoreKind kind) {
    switch (origin.place) {
      case ImagePlace::kDocker:
        return kind == StoreKind::kDocker || kind == StoreKind::kContainerd;
      case ImagePlace::kContainerd:
        return kind == StoreKind::kContainerd;
      case ImagePlace::kPodman:
        return kind == StoreKind::kPodman;
      default:
        return true;
    }
  };
  std::string looked;
  for (ingest::StorePlace& place : ingest::usual_stores()) {
    if (!is_wanted(place.kind)) continue;
    if (!origin.store.empty()) place = {place.kind, origin.store, {}};
    auto image = ingest::open_store_image(place, name, limits);
    if (image)
      return OpenedImage{std::move(*image), std::string(name_of(place.kind)), place.folder};
    // Of stores that nobody asked for the readable ones are enough.
    if (image.error().code != ErrorCode::kNotFound && origin.place != ImagePlace::kAny)
      return std::unexpected(image.error());
    if (looked.find(place.folder) == std::string::npos)
      looked += (looked.empty() ? "" : ", ") + place.folder;
  }
  return failure(ErrorCode::kNotFound,
                 fmt::format("expected an image {} in one of {}, found none", name, looked));
}

// A name without a registry may be of several; the first that has it is the one.
Result<OpenedImage> open_of_registry(const std::string& name, const ImageOrigin& origin,
                                     const Limits& limits, const std::atomic<bool>* stop) {
  std::vector<std::string> names;
  if (origin.registry.default_registry.empty()) {
    TRY(names, ingest::full_names(name, origin.short_name_files));
  }
  if (names.empty()) names.push_back(name);
  std::string asked;
  for (const std::string& one : names) {
    auto image = ingest::open_registry_image(one, origin.registry, limits, stop);
    if (image) return OpenedImage{std::move(*image), "registry", one};
    if (image.error().code != ErrorCode::kNotFound || names.size() == 1)
      return std::unexpected(image.error());
    asked += (asked.empty() ? "" : ", ") + one;
  }
  return failure(ErrorCode::kNotFound, fmt::format("expected one of {}, found none", asked));
}

}  // namespace

Result<OpenedImage> open_origin(const std::string& target, const ImageOrigin& origin,
                                const Limits& limits, const std::atomic<bool>* stop) {
  ImagePlace place = origin.place;
  if (place == ImagePlace::kAny && is_path(target)) place = ImagePlace::kArchive;
  if (place == ImagePlace::kArchive) {
    TRY(auto file, ingest::ImageFile::open(target, limits));
    return OpenedImage{std::move(file), "archive", target};
  }
  if (place != ImagePlace::kRegistry) {
    auto image = open_of_store(target, origin, limits);
    if (image || place != ImagePlace::kAny) return image;
  }
  return open_of_registry(target, origin, limits, stop);
}

}  // namespace vedette::engine
