// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/database.h"
#include "vulnerabilities/matcher.h"

// Damage that the checksums of the header and the indices would hide is looked for by the records'
// own readers in record_bytes_fuzz.cc.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace vulnerabilities = vedette::vulnerabilities;
  const auto database =
      vulnerabilities::Database::of_bytes({reinterpret_cast<const char*>(data), size});
  if (!database) return 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    static_cast<void>(database->advisory(i));
    static_cast<void>(database->vulnerability(i));
  }
  static_cast<void>(database->named("CVE-2024-1"));
  static_cast<void>(database->ecosystems_with("a"));
  static_cast<void>(database->verify());
  vedette::formats::packages::Package package;
  package.ecosystem = vedette::formats::packages::Ecosystem::kPypi;
  package.name = "a";
  package.version = "1.0";
  static_cast<void>(vulnerabilities::Matcher(*database).match(package));
  return 0;
}
