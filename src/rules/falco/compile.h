// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "rules/falco/fields.h"
#include "rules/falco/items.h"
#include "rules/falco/lists.h"
#include "rules/falco/macros.h"
#include "rules/model.h"

namespace vedette::rules::falco {

struct CompiledRule {
  Rule rule;
  std::vector<std::string> doubts;  // warnings
};
// A problem, and the part of the rule that it is about.
struct RuleProblem {
  Problem problem;
  Place place;
};

// What the rule says about itself, but for its output.
event::RuleInfo info_of(const RuleItem& item);

// A rule with its exceptions, lists and macros as the model has it.
std::expected<CompiledRule, RuleProblem> compile_rule(const RuleItem& item, ListTexts& lists,
                                                      Macros& macros);

}  // namespace vedette::rules::falco
