// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "formats/yaml/yaml.h"
#include "rules/sigma/ast.h"
#include "rules/sigma/detection.h"

// Global filters (Sigma filters specification 2.1.0, and pySigma): what is added to the conditions
// of many rules.
namespace vedette::rules::sigma {

struct SigmaFilter {
  event::RuleInfo info;
  LogSource logsource;
  std::vector<std::string> rules;  // ids or names; none: every rule of the log source
  std::vector<NamedDetection> detections;
  // What an event must satisfy beside the rule's own condition.
  Condition condition;
  Position position;
  std::vector<Diagnostic> warnings;
};

// Reads one document that has a `filter` key. The specification and pySigma give its condition
// opposite meanings: pySigma adds it as it stands, so that its filters say `not selection`; the
// specification's example says `selection` and means what is to be left out. A condition with a
// `not` at its top (the whole, or a part of an `and` or `or` that is the whole) is taken as pySigma
// does, any other as the specification does, with a warning.
Parsed<SigmaFilter> parse_filter(const formats::yaml::Node& root, const std::string& file,
                                 Budget& budget);

// Adds each filter to the rules whose log source it contains (each part that the filter names is
// the rule's) and that it lists. Names of its detections are made private, so that no selector of
// the rule sees them. Call it before placeholders are resolved and rules lowered; never for
// correlations, whose base rules are filtered instead. `budget` bounds the copies: a filter that
// needs more is not applied any further, and `warnings` says so as an error.
void apply_filters(std::span<const SigmaFilter> filters, std::span<SigmaRule> rules, Budget& budget,
                   std::vector<Diagnostic>& warnings);

}  // namespace vedette::rules::sigma
