// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "base/result.h"
#include "spool/position.h"
#include "spool/segment.h"

// Segments and position files as a crash, a bad disk or someone with an editor may leave them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kRecordBytesMax = 1 << 16;
  const auto scan = vedette::spool::scan_segment(bytes, 5, kRecordBytesMax);
  if (scan.has_value()) {
    CHECK(scan->whole_bytes <= size);
    CHECK(scan->count_beyond <= scan->count);
    CHECK(scan->count * vedette::spool::kRecordHeaderBytes <= size);
  }
  const auto position = vedette::spool::parse_position(bytes);
  if (position.has_value()) CHECK(position->instance.size() == vedette::spool::kInstanceBytes);
  return 0;
}
