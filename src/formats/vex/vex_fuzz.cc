// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "formats/versions/vers_range.h"
#include "formats/vex/vex.h"

// Any bytes: no crash, every statement is about something, and ranges have an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace formats = vedette::formats;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  formats::versions::in_vers_range(formats::packages::Ecosystem::kNpm, bytes, "1.2.3");
  const auto document = formats::vex::read_vex("vex.json", bytes, {});
  if (!document) return 0;
  for (const auto& statement : document->statements) {
    if (statement.vulnerabilities.empty() || statement.products.empty()) __builtin_trap();
  }
  return 0;
}
