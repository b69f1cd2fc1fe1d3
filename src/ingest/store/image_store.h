// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "ingest/image_file.h"

namespace vedette::ingest {

// Where container engines keep images on this machine. None of them is asked or need run: their
// files are read.
enum class StoreKind : std::uint8_t {
  kDocker,      // moby's overlay2 driver, image/ and overlay2/
  kContainerd,  // content store and metadata; also nerdctl's, Kubernetes', newer Docker's
  kPodman,      // containers-storage: podman, buildah, CRI-O
};

struct StorePlace {
  StoreKind kind = StoreKind::kDocker;
  std::string folder;             // "/var/lib/docker"
  std::vector<std::string> more;  // kPodman: read-only folders that layers and images may lie in
};

// The usual folders of this machine and user, in the order in which they are asked.
std::vector<StorePlace> usual_stores();

// An image of a store as if it were an archive: its layers are streams of what was once pulled or
// built, so that their digests can be checked. `name` is what the engine calls it: "alpine",
// "shop:1", "registry.example/shop@sha256:…", an id of 12 or more digits. ErrorCode::kNotFound
// where there is no such image, or no store. `limits` outlives what is returned.
Result<std::unique_ptr<ImageFile>> open_store_image(const StorePlace& place, std::string_view name,
                                                    const Limits& limits);

// How well an engine's name of an image is what somebody means by `asked`; the best is taken.
enum class NameMatch : std::uint8_t {
  kNone,
  kSomewhere,  // "registry.example/team/shop:1" for "shop"
  kUsual,      // "localhost/shop:1", and what the engines themselves put before short names
  kExact,      // the name, or its id
};
NameMatch match_of(std::string_view stored, std::string_view asked);

}  // namespace vedette::ingest
