// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "rules/falco/ast.h"
#include "rules/model.h"

namespace vedette::rules::falco {

// `oneof` asks each pair of values; more of them are refused.
constexpr std::size_t kOneOfMax = 64;

// The condition of a rule of this source, its macros resolved, as the model has it. Falco's rule
// about missing values ends here: a comparison with a field that the event lacks is false, `!=`
// too.
Parsed<Expression> lower_condition(const Condition& condition, const std::string& source);

}  // namespace vedette::rules::falco
