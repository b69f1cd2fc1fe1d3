// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/digest_manifest.h"

// What was read is written as it was meant: read again it is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  const auto manifest = models::read_digests("m.json", {reinterpret_cast<const char*>(data), size});
  if (!manifest) return 0;
  const auto again = models::read_digests("m.json", models::write_digests(*manifest));
  CHECK(again && compare(*manifest, *again).empty());
  return 0;
}
