// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "formats/images/bolt_file.h"

// Any bytes: no crash, no endless walk.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto file = vedette::formats::images::BoltFile::open(bytes);
  if (!file) return 0;
  const auto root = file->entries({});
  const auto images = file->entries({"v1", "k8s.io", "images"});
  return root && images && images->size() > size ? 1 : 0;
}
