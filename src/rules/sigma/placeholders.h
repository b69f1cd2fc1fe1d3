// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/sigma/ast.h"
#include "rules/sigma/detection.h"
#include "rules/sigma/text.h"

namespace vedette::rules::sigma {

// Replaces the placeholders of all detections by the values of the variables: a value with several
// results becomes alternatives, any of which may match. Placeholders without a variable stay, and
// lowering refuses the rule when they matter.
Parsed<void> resolve_placeholders(SigmaRule& rule, const Variables& variables, Budget& budget);
// The same for one value.
Parsed<void> resolve_placeholders(Value& value, const Variables& variables, Budget& budget);

}  // namespace vedette::rules::sigma
