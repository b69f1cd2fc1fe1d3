// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/placeholders.h"

#include <algorithm>
#include <fmt/format.h>

namespace vedette::rules::sigma {
namespace {

// Detections nest no deeper than YAML may and pipelines add one level each.
Parsed<void> resolve(Detection& detection, const Variables& variables, Budget& budget) {
  for (FieldTest& test : detection.tests) {
    for (Value& value : test.values) TRY_VOID(resolve_placeholders(value, variables, budget));
  }
  for (Detection& group : detection.groups) TRY_VOID(resolve(group, variables, budget));
  return {};
}

bool holds_placeholder(const Value& value) {
  return (value.kind == ValueKind::kString || value.kind == ValueKind::kRegex) &&
         has_placeholder(value.text);
}

}  // namespace

Parsed<void> resolve_placeholders(Value& value, const Variables& variables, Budget& budget) {
  if (value.kind == ValueKind::kExpansion) {
    std::vector<Value> spliced;
    for (Value& alternative : value.alternatives) {
      TRY_VOID(resolve_placeholders(alternative, variables, budget));
      if (alternative.kind == ValueKind::kExpansion) {
        std::ranges::move(alternative.alternatives, std::back_inserter(spliced));
      } else {
        spliced.push_back(std::move(alternative));
      }
    }
    value.alternatives = std::move(spliced);
    return {};
  }
  if (!holds_placeholder(value)) return {};
  const Insert insert = value.kind == ValueKind::kRegex ? Insert::kAsWritten : Insert::kParsed;
  auto texts = replace_placeholders(value.text, variables, insert);
  if (!texts.has_value() || !budget.take(texts->size())) {
    return refuse(value.position,
                  fmt::format("the placeholders of this value stand for more than {} values",
                              kPlaceholderResultsMax));
  }
  if (texts->size() == 1) {
    value.text = std::move(texts->front());
    return {};
  }
  std::vector<Value> alternatives;
  alternatives.reserve(texts->size());
  for (std::string& text : *texts) {
    Value alternative;
    alternative.kind = value.kind;
    alternative.cased = value.cased;
    alternative.flags = value.flags;
    alternative.position = value.position;
    alternative.text = std::move(text);
    alternatives.push_back(std::move(alternative));
  }
  value.kind = ValueKind::kExpansion;
  value.text.clear();
  value.alternatives = std::move(alternatives);
  return {};
}

Parsed<void> resolve_placeholders(SigmaRule& rule, const Variables& variables, Budget& budget) {
  if (variables.empty()) return {};
  for (NamedDetection& named : rule.detections) {
    TRY_VOID(resolve(named.detection, variables, budget));
  }
  return {};
}

}  // namespace vedette::rules::sigma
