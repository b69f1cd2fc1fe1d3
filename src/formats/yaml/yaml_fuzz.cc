// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml.h"

namespace {

using vedette::formats::yaml::Node;

// Touches everything reachable, within a bound: aliases make the walk longer than the text.
void walk(const Node& node, std::size_t& visits) {
  if (++visits > 100000) return;
  if (scalar_type(node) != vedette::formats::yaml::ScalarType::kString) decimal_of(node);
  for (const Node* element : node.elements) walk(*element, visits);
  for (const auto& member : node.members) {
    walk(*member.key, visits);
    walk(*member.value, visits);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = vedette::formats::yaml::Document::parse(text, {});
  std::size_t visits = 0;
  if (document.has_value()) {
    for (const Node* root : document->roots()) walk(*root, visits);
  }
  return 0;
}
