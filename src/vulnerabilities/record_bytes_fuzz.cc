// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/affected.h"
#include "vulnerabilities/rating.h"
#include "vulnerabilities/record_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace vulnerabilities = vedette::vulnerabilities;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  vulnerabilities::BlobReader blob(bytes);
  switch (data[0] % 4) {
    case 0:
      static_cast<void>(vulnerabilities::rate(vulnerabilities::read_vulnerability(blob).severity));
      break;
    case 1:
      static_cast<void>(vulnerabilities::read_advisory(blob));
      break;
    case 2:
      static_cast<void>(vulnerabilities::is_affected(vedette::formats::packages::Ecosystem::kPypi,
                                                     "1.0", vulnerabilities::read_affected(blob)));
      break;
    default:
      static_cast<void>(vulnerabilities::read_summary(blob));
  }
  return 0;
}
