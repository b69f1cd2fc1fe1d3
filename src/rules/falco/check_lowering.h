// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "rules/falco/ast.h"
#include "rules/model.h"

namespace vedette::rules::falco {

// One comparison as the model has it. `part` names the part of the rule it comes from.
Parsed<Expression> lower_check(const Check& check, const std::string& source,
                               const std::string& part);

}  // namespace vedette::rules::falco
