// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "formats/sbom/sbom.h"

// Any bytes: no crash, and needs stay within the list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto sbom = vedette::formats::sbom::read_sbom("sbom.json", bytes, {});
  if (!sbom) return 0;
  for (const auto& package : sbom->list.packages) {
    for (const std::uint32_t needed : package.needs) {
      if (needed >= sbom->list.packages.size()) __builtin_trap();
    }
  }
  return 0;
}
