// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "ingest/registry/attached.h"

// Any bytes as an envelope: no crash, and no more comes out than went in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto statement = vedette::ingest::statement_in(bytes, {});
  if (statement && statement->size() > size) __builtin_trap();
  return 0;
}
