// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/hdf5.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const models::Hdf5Structure structure = models::read_hdf5(bytes);
  CHECK(structure.references.size() <= models::Hdf5Structure::kReferencesMax);
  for (const models::Hdf5Reference& reference : structure.references)
    CHECK(reference.file.size() <= size);
  return 0;
}
