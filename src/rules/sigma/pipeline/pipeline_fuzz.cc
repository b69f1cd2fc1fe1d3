// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml.h"
#include "rules/sigma/pipeline/pipeline.h"
#include "rules/sigma/rule.h"

namespace {

constexpr std::string_view kRule = R"(
title: Rule
logsource: {category: c, product: p}
tags: [attack.t1059]
detection:
  selection:
    Image|endswith: ['\a.exe', 'b*?c']
    Hashes|contains: ['MD5=987B65CD9B9F4E9A1AFD8F8B48CF64A7', 'x']
    Host|expand: 'a%x%b'
    Id: [1, 2.5, null, true]
    Other|fieldref: Image
    Dash|windash: ' -x'
  keywords: [one, 'tw*']
  condition: selection or 1 of key*
)";

}  // namespace

// The bytes are a pipeline; what it makes of one rule must be a rule.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<vedette::Diagnostic> warnings;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pipelines = vedette::rules::sigma::Pipelines::parse(text, "fuzz.yml", {}, warnings);
  if (!pipelines.has_value()) return 0;
  const auto document = vedette::formats::yaml::Document::parse(kRule, {});
  vedette::rules::sigma::Budget budget(vedette::rules::sigma::kRuleValuesMax);
  auto rule = parse_rule(*document->roots()[0], "rule.yml", budget);
  if (rule.has_value()) static_cast<void>(pipelines->apply(*rule, budget));
  return 0;
}
