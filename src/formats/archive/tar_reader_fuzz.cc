// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/archive/tar_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace formats = vedette::formats;
  formats::archive::MemoryStream stream(std::string(reinterpret_cast<const char*>(data), size));
  formats::archive::TarReader reader(stream);
  char bytes[4096];
  while (true) {
    const auto entry = reader.next();
    if (!entry || *entry == nullptr) break;
    std::uint64_t made = 0;
    while (true) {
      const auto got = reader.read(bytes, sizeof(bytes));
      if (!got || *got == 0) break;
      made += *got;
    }
    CHECK(made <= size);
  }
  return 0;
}
