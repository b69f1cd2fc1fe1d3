// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "rules/model.h"
#include "rules/sigma/ast.h"
#include "rules/sigma/detection.h"

namespace vedette::rules::sigma {

// The rule as the rule model has it: names resolved, values as predicates. Refuses what cannot be
// evaluated exactly. Takes the rule's texts with it.
Parsed<Rule> lower_rule(SigmaRule&& rule, Budget& budget);

// One detection; nothing when a pipeline left nothing of it. `selection` is the name that its
// leaves carry.
Parsed<std::optional<Expression>> lower_detection(const Detection& detection,
                                                  const std::string& selection, Budget& budget);

}  // namespace vedette::rules::sigma
