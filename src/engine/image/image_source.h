// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "formats/images/image_documents.h"
#include "ingest/image_file.h"

namespace vedette::engine {

struct ImageChoice {
  std::string platform;
  std::string name;
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
  std::string name;
  std::string config_digest;
  formats::images::ImageConfig config;
  std::vector<Layer> layers;  // the lowest first
  std::vector<Diagnostic> problems;
};

// `limits` outlives what is returned.
Result<ImageSource> open_image(const std::string& path, const ImageChoice& choice,
                               const Limits& limits);

}  // namespace vedette::engine
