// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/logs/cut.h"

// Streams of kernel records as files: a header, then records (record_layout.h).
namespace vedette::formats::kernel {

struct CaptureHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t zero;
};
static_assert(sizeof(CaptureHeader) == 16);

bool is_capture(std::string_view head);
std::string capture_header();

// Where the next sound record begins at or behind `at`, a multiple of 8 from the front of `bytes`;
// bytes.size() when there is none. A record is believed when another one, or the end, follows it.
std::size_t find_record(std::string_view bytes, std::size_t at);

// The whole records at the front, a capture's header included when `at_start`.
logs::Cut cut_records(std::string_view bytes, bool at_start, bool at_end);

}  // namespace vedette::formats::kernel
