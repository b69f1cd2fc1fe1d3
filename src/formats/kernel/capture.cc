// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/capture.h"

#include <algorithm>
#include <cstring>

#include "formats/kernel/record_reader.h"

namespace vedette::formats::kernel {
namespace {

constexpr std::string_view kMagic(VEDETTE_CAPTURE_MAGIC, 8);

}  // namespace

bool is_capture(std::string_view head) { return head.starts_with(kMagic); }

std::string capture_header() {
  CaptureHeader header{};
  std::memcpy(header.magic, kMagic.data(), kMagic.size());
  header.version = VEDETTE_CAPTURE_VERSION;
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

std::size_t find_record(std::string_view bytes, std::size_t at) {
  for (; at + sizeof(vedette_record) <= bytes.size(); at += 8) {
    const std::size_t size = record_size(bytes.substr(at));
    if (size == kMalformed || size > bytes.size() - at) continue;
    const std::string_view rest = bytes.substr(at + size);
    if (rest.size() < sizeof(std::uint32_t) || record_size(rest) != kMalformed) return at;
  }
  return bytes.size();
}

logs::Cut cut_records(std::string_view bytes, bool at_start, bool at_end) {
  logs::Cut cut;
  std::size_t at = 0;
  if (at_start && is_capture(bytes.substr(0, kMagic.size()))) {
    if (bytes.size() < sizeof(CaptureHeader) && !at_end) return cut;
    at = std::min(sizeof(CaptureHeader), bytes.size());
  }
  while (at < bytes.size()) {
    const std::size_t size = record_size(bytes.substr(at));
    // The decoder reports what is malformed and finds the next record in the same way.
    if (size == kMalformed) {
      at = find_record(bytes, at + 8 <= bytes.size() ? at + 8 : bytes.size());
      continue;
    }
    if (size == 0 || size > bytes.size() - at) break;
    at += size;
  }
  cut.size = at_end ? bytes.size() : std::min(at, bytes.size());
  return cut;
}

}  // namespace vedette::formats::kernel
