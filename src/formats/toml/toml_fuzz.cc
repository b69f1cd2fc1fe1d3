// SPDX-License-Identifier: Apache-2.0
#include "formats/toml/toml.h"

namespace {

std::size_t values_below(const vedette::formats::toml::Node& node) {
  std::size_t count = 1;
  for (const auto& element : node.elements) count += values_below(element);
  for (const auto& member : node.members) count += values_below(member.value);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const vedette::Limits limits;
  const auto document = vedette::formats::toml::parse(text, limits);
  if (document.has_value()) CHECK(values_below(document->root) <= limits.values_max);
  return 0;
}
