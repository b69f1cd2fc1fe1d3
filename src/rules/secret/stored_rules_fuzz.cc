// SPDX-License-Identifier: Apache-2.0
// The input is what follows the checksum, which is made right; what comes back must store alike.
#include <cstdint>
#include <string>

#include "base/hash.h"
#include "base/result.h"
#include "rules/secret/stored_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace secret = vedette::rules::secret;
  const std::string body(reinterpret_cast<const char*>(data), size);
  std::string bytes = secret::store({}).substr(0, std::string_view("vedette rules 1\n").size());
  const std::uint64_t checksum = vedette::hash_bytes(body);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  const auto rules = secret::restore(bytes + body);
  if (rules) CHECK(secret::restore(secret::store(*rules)).has_value());
  return 0;
}
