// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "policy/waiver_signature.h"

// Any bytes as a file of signers, and what follows its first empty line as a signature: no crash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t gap = text.find("\n\n");
  const auto signers = vedette::policy::Signers::parse(text.substr(0, gap), "signers");
  const std::string_view signature =
      gap == std::string_view::npos ? std::string_view() : text.substr(gap + 2);
  return signers.check("ada", "text", signature, 0).has_value() ? 1 : 0;
}
