// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/auditd.h"
#include "formats/logs/decoder_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vedette::formats::logs::fuzz_decoder<vedette::formats::logs::AuditdDecoder>(data, size);
  return 0;
}
