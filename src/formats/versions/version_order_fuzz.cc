// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/version_order.h"

// The first byte chooses the ecosystem, a line feed parts two versions. Swapped, they must swap the
// answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace packages = vedette::formats::packages;
  namespace versions = vedette::formats::versions;
  if (size == 0) return 0;
  const auto ecosystem =
      static_cast<packages::Ecosystem>(data[0] % packages::kEcosystemNames.size());
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view a = text.substr(0, text.find('\n'));
  const std::string_view b = text.substr(std::min(a.size() + 1, text.size()));
  const auto order = versions::compare(ecosystem, a, b);
  if (versions::compare(ecosystem, b, a) != (0 <=> order)) __builtin_trap();
  if (versions::compare(ecosystem, a, a) != 0) __builtin_trap();
  return 0;
}
