// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "ingest/image_file.h"
#include "ingest/registry/registry.h"

namespace vedette::engine {

enum class ImagePlace : std::uint8_t {
  kAny,      // an archive where there is such a path, else a store that has it, else a registry
  kArchive,  // of `docker save`, or an OCI layout as archive or folder
  kRegistry,
  kDocker,
  kContainerd,
  kPodman,
};

// Where an image is taken from.
struct ImageOrigin {
  ImagePlace place = ImagePlace::kAny;
  std::string store;  // the folder of a store's; empty: the usual ones
  ingest::RegistryOptions registry;
  // What names without a registry mean, where registry.default_registry does not say
  // (short_names.h).
  std::vector<std::string> short_name_files;
};

struct OpenedImage {
  std::unique_ptr<ingest::ImageFile> file;
  std::string kind;   // as --from has it: "archive", "docker", "containerd", "podman", "registry"
  std::string place;  // the path of it or of its store, or the name that a registry was asked for
};

// `target` is a path or a name, as the origin has it. `limits` and `stop` outlive what is returned.
Result<OpenedImage> open_origin(const std::string& target, const ImageOrigin& origin,
                                const Limits& limits, const std::atomic<bool>* stop);

}  // namespace vedette::engine
