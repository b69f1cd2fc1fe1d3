// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "formats/yaml/yaml.h"
#include "rules/sigma/correlation.h"
#include "rules/sigma/filter.h"

namespace rules = vedette::rules;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = vedette::formats::yaml::Document::parse(text, {});
  if (!document.has_value()) return 0;
  rules::RuleSet set;
  set.rules.resize(2);
  set.rules[0].info.name = "a";
  set.rules[1].info.name = "b";
  std::vector<rules::sigma::ParsedCorrelation> parsed;
  rules::sigma::Budget budget(rules::sigma::kRuleValuesMax);
  for (const auto* root : document->roots()) {
    auto one = rules::sigma::parse_correlation(*root, "fuzz.yml");
    if (one.has_value()) parsed.push_back(std::move(*one));
    static_cast<void>(rules::sigma::parse_filter(*root, "fuzz.yml", budget));
  }
  rules::sigma::resolve_correlations(std::move(parsed), set);
  for (std::size_t i = 0; i < set.correlations.size(); ++i) {
    for (const auto& reference : set.correlations[i].references) {
      CHECK(reference.index < (reference.correlation ? i : set.rules.size()));
    }
  }
  return 0;
}
