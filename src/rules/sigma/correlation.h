// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/yaml/yaml.h"
#include "rules/model.h"
#include "rules/sigma/ast.h"

// Correlation documents (Sigma correlation rules specification 2.1.0, and pySigma where it accepts
// more): YAML to the rule model. See docs/correlations.md for what is accepted beyond either.
namespace vedette::rules::sigma {

// References of one correlation; an order costs the square of their number.
constexpr std::size_t kCorrelationReferencesMax = 1024;
constexpr std::size_t kOrderedReferencesMax = 32;

// A correlation whose references are still names.
struct ParsedCorrelation {
  struct Named {
    std::string name;
    Position position;
  };
  struct Alias {
    std::string name;
    Named rule;
    std::string field;
  };

  // Complete but for `references`, `aliases` and `condition`, whose leaves hold names of rules.
  Correlation correlation;
  std::vector<Named> references;
  std::vector<Alias> aliases;
  // Whether the rules referred to report their own matches too (`generate`).
  bool generate = false;
  std::string label;  // for refusals
  Position position;
  Position condition_position;
  std::vector<Diagnostic> warnings;
};

// Reads one document that has a `correlation` key.
Parsed<ParsedCorrelation> parse_correlation(const formats::yaml::Node& root, std::string_view file);

// Finds the rules that correlations refer to, by id or name, and appends the correlations to
// `rules`, inner ones before those that refer to them, else in their order. Call it once, when all
// rules are there. A correlation that refers to something unknown or refused, or around a circle,
// is added to RuleSet::refused. Rules and correlations that loaded correlations refer to become
// silent, unless one of those says `generate: true`.
void resolve_correlations(std::vector<ParsedCorrelation> parsed, RuleSet& rules);

}  // namespace vedette::rules::sigma
