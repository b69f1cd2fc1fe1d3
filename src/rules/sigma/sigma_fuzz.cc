// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/sigma.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vedette::rules::sigma::LoadOptions options;
  options.variables["hosts"] = {"srv-*", "a\\*b", "dc01"};
  options.variables["none"] = {};
  const auto rules = vedette::rules::sigma::load_text(text, "fuzz.yml", options);
  return rules.has_value() ? 0 : -1;
}
