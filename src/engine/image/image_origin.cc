// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_origin.h"

#include <unistd.h>

#include "ingest/registry/registry_image.h"

namespace vedette::engine {
namespace {

// A misspelt path must not become a question to a server.
bool is_path(const std::string& target) {
  return ::access(target.c_str(), F_OK) == 0 || target.starts_with('/') ||
         target.starts_with("./") || target.starts_with("../") || target.ends_with(".tar");
}

}  // namespace

Result<std::unique_ptr<ingest::ImageFile>> open_origin(const std::string& target,
                                                       const ImageOrigin& origin,
                                                       const Limits& limits,
                                                       const std::atomic<bool>* stop) {
  ImagePlace place = origin.place;
  if (place == ImagePlace::kAny)
    place = is_path(target) ? ImagePlace::kArchive : ImagePlace::kRegistry;
  if (place == ImagePlace::kArchive) return ingest::ImageFile::open(target, limits);
  return ingest::open_registry_image(target, origin.registry, limits, stop);
}

}  // namespace vedette::engine
