// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/decoder_fuzz.h"
#include "formats/logs/zeek.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vedette::formats::logs::fuzz_decoder<vedette::formats::logs::ZeekDecoder>(data, size);
  return 0;
}
