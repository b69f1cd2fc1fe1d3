// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "base/hash.h"
#include "formats/packages/jars/jar_table.h"

// A checksum and a size that are right let the fuzzer get to what stands behind them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vedette::formats::packages::JarTable;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size >= JarTable::kHeaderBytes) {
    const std::uint64_t sum =
        vedette::hash_bytes(std::string_view(bytes).substr(JarTable::kCheckedFrom));
    const std::uint64_t whole = size;
    std::memcpy(bytes.data() + 16, &whole, sizeof whole);
    std::memcpy(bytes.data() + 24, &sum, sizeof sum);
  }
  const auto table = JarTable::of_bytes(bytes);
  if (!table) return 0;
  for (std::uint32_t i = 0; i < table->releases(); ++i) {
    const JarTable::Release release = table->release(i);
    CHECK(release.artifact.size() <= size && release.version.size() <= size);
  }
  for (std::size_t i = 0; i < table->rows(); ++i) {
    std::uint64_t shape = 0;
    std::memcpy(&shape, bytes.data() + JarTable::kHeaderBytes + i * JarTable::kRowBytes, 8);
    for (const std::uint32_t owner : table->owners(shape)) CHECK(owner < table->releases());
  }
  return 0;
}
