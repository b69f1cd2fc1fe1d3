// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "ingest/image_file.h"
#include "ingest/registry/registry.h"

namespace vedette::ingest {

// The image of a reference as an OCI layout: "index.json" names what the tag or digest is, and
// blobs come from the registry as they are read. `limits` and `stop` outlive it.
Result<std::unique_ptr<ImageFile>> open_registry_image(const std::string& reference,
                                                       const RegistryOptions& options,
                                                       const Limits& limits,
                                                       const std::atomic<bool>* stop);

}  // namespace vedette::ingest
