// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/logs/auditd.h"
#include "formats/logs/format.h"
#include "formats/logs/zeek.h"

// What reading does before any decoder: finding the format and cutting.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace logs = vedette::formats::logs;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const logs::FormatRow& row : logs::formats()) static_cast<void>(row.matches(bytes));
  static_cast<void>(logs::detect_format(bytes));
  const std::size_t cut = logs::cut_auditd(bytes, false);
  CHECK(cut <= size && (cut == 0 || bytes[cut - 1] == '\n'));
  CHECK(logs::zeek_preamble(bytes).size() <= size);
  return 0;
}
