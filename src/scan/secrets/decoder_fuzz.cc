// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "base/result.h"
#include "scan/secrets/decoder.h"

// The first byte is the depth. What is decoded comes from inside of the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace secrets = vedette::scan::secrets;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t total = 0;
  secrets::Decoder(data[0] % 8).decode(text, [&](const secrets::DecodedText& stretch) {
    total += stretch.text().size();
    for (std::size_t at = 0; at < stretch.text().size(); at += 7) {
      if (!stretch.is_touched({at, 5})) continue;
      const vedette::scan::ByteRange original = stretch.original({at, 5});
      CHECK(original.begin < text.size());
    }
  });
  CHECK(total <= (text.size() + 1) * 8 * 1024);
  return 0;
}
