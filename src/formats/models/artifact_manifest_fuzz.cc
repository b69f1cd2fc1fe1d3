// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/artifact_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  models::ArtifactManifest manifest;
  const bool is_one = models::read_artifact_manifest("m", text, manifest);
  CHECK(is_one == !manifest.layers.empty());
  CHECK(manifest.layers.size() <= models::ArtifactManifest::kLayersMax);
  models::digest_of_blob(text);
  return 0;
}
