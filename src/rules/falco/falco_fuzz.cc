// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/falco.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vedette::rules::falco::recognises(text);
  const vedette::rules::LoadOptions options;
  const auto loader = vedette::rules::falco::make_loader(options);
  if (!loader.has_value()) return -1;
  // Twice, so that everything is defined again.
  (*loader)->add_text(text, "fuzz.yaml");
  (*loader)->add_text(text, "again.yaml");
  (*loader)->finish();
  return 0;
}
