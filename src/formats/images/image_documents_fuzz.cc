// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/images/image_documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace images = vedette::formats::images;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const vedette::Limits limits;
  if (const auto index = images::read_index(json, limits)) {
    for (const auto& one : index->manifests) CHECK(images::is_sha256_digest(one.digest));
  }
  if (const auto manifest = images::read_manifest(json, limits))
    CHECK(images::is_sha256_digest(manifest->config.digest));
  const auto saved = images::read_saved_images(json, limits);
  const auto config = images::read_image_config(json, limits);
  if (config) CHECK(config->instruction_of(config->history.size()).empty());
  return 0;
}
