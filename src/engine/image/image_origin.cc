// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_origin.h"

#include <fmt/format.h>
#include <unistd.h>

#include "ingest/registry/registry_image.h"
#include "ingest/store/image_store.h"

namespace vedette::engine {
namespace {

// A misspelt path must not become a question to a server.
bool is_path(const std::string& target) {
  return ::access(target.c_str(), F_OK) == 0 || target.starts_with('/') ||
         target.starts_with("./") || target.starts_with("../") || target.ends_with(".tar");
}

// The first store that has it. kNotFound names all that were looked at.
Result<std::unique_ptr<ingest::ImageFile>> open_of_store(const std::string& name,
                                                         const ImageOrigin& origin,
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
    if (!origin.store.empty()) place.folder = origin.store;
    auto image = ingest::open_store_image(place, name, limits);
    // Of stores that nobody asked for the readable ones are enough.
    if (image || (image.error().code != ErrorCode::kNotFound && origin.place != ImagePlace::kAny))
      return image;
    if (looked.find(place.folder) == std::string::npos)
      looked += (looked.empty() ? "" : ", ") + place.folder;
  }
  return failure(ErrorCode::kNotFound,
                 fmt::format("expected an image {} in one of {}, found none", name, looked));
}

}  // namespace

Result<std::unique_ptr<ingest::ImageFile>> open_origin(const std::string& target,
                                                       const ImageOrigin& origin,
                                                       const Limits& limits,
                                                       const std::atomic<bool>* stop) {
  ImagePlace place = origin.place;
  if (place == ImagePlace::kAny && is_path(target)) place = ImagePlace::kArchive;
  if (place == ImagePlace::kArchive) return ingest::ImageFile::open(target, limits);
  if (place != ImagePlace::kRegistry) {
    auto image = open_of_store(target, origin, limits);
    if (image || place != ImagePlace::kAny) return image;
  }
  return ingest::open_registry_image(target, origin.registry, limits, stop);
}

}  // namespace vedette::engine
