// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// What a manifest says of one blob of an artefact: a model that is kept as an image is (OCI Image
// Specification 1.1 "Image Manifest", "Image Index"), by KitOps, ModelPack, Docker or Ollama.
struct ArtifactLayer {
  std::string digest;      // as written: "sha256:…", if it is right
  std::string media_type;  // may be empty
  std::string name;        // of the file that it was; may be empty
  std::uint64_t size = 0;
};

struct ArtifactManifest {
  static constexpr std::size_t kBytesMax = std::size_t{4} << 20;
  static constexpr std::size_t kLayersMax = 10'000;
  std::vector<ArtifactLayer> layers;  // its settings and subjects, too
  bool is_cut = false;
};

// False where `text` is none: JSON with blobs of a digest each.
bool read_artifact_manifest(std::string_view path, std::string_view text,
                            ArtifactManifest& manifest);

// "sha256:" and 64 hexadecimal digits, of a blob's path in an OCI layout ("blobs/sha256/…") or an
// Ollama folder ("blobs/sha256-…"); empty for other files.
std::string digest_of_blob(std::string_view path);

// Whether it is a digest of SHA-256 as it has to be written. Others may be paths (CVE-2024-37032).
bool is_sha256_digest(std::string_view text);

}  // namespace vedette::formats::models
