// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "rules/sigma/ast.h"

namespace vedette::rules::sigma {

// Nesting of parentheses and `not`.
constexpr std::size_t kConditionDepthMax = 64;
constexpr std::size_t kConditionBytesMax = 64 * 1024;

// Parses a condition (Sigma specification 2.1.0, "Condition"): not > and > or, parentheses, names
// of detections ([A-Za-z0-9_-]+) and `1|any|all of them|pattern`. Keywords are lower case. The old
// aggregation after a pipe is refused. `position` is where the text starts in its file; all nodes
// carry it, since folded text has no columns of its own.
Parsed<Condition> parse_condition(std::string_view text, Position position = {});

// Whether a selector's pattern names a detection: `them` names all, `*` stands for any run of
// characters. Names that start with `_` are only named by patterns that start with `_`.
bool selects(std::string_view pattern, std::string_view name);

}  // namespace vedette::rules::sigma
