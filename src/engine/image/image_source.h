// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "engine/image/image_origin.h"
#include "formats/images/image_documents.h"
#include "ingest/image_file.h"

namespace vedette::engine {

struct ImageChoice {
  std::string platform;
  std::string name;
  ImageOrigin origin = {};
  const std::atomic<bool>* stop = nullptr;  // ends waiting for a registry; outlives the source
};

// One image of a stored file or folder: its configuration, and where its layers are.
struct ImageSource {
  struct Layer {
    std::string part;    // of `file`
    std::string digest;  // "sha256:…"
    // Whether the digest is that of the bytes as they are stored, and not of the unpacked ones.
    bool of_stored = true;
  };

  std::unique_ptr<ingest::ImageFile> file;
  std::string from_kind;  // see OpenedImage
  std::string from_place;
  std::string name;
  std::string config_digest;
  std::string manifest_digest;  // empty: an archive of `docker save` has none
  formats::images::ImageConfig config;
  std::vector<Layer> layers;  // the lowest first
  std::vector<Diagnostic> problems;
};

// `target` is a path or a name, as the choice's origin has it. `limits` outlives what is returned.
Result<ImageSource> open_image(const std::string& target, const ImageChoice& choice,
                               const Limits& limits);

}  // namespace vedette::engine
