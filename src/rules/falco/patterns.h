// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/falco/ast.h"
#include "rules/model.h"

// Falco's texts with wildcards, paths and expressions as predicates of the model.
namespace vedette::rules::falco {

// fnmatch(3) without flags: `*` and `?` match slashes too, `[a-z]` and `[!a-z]` sets, a backslash
// takes the next character as it is.
Parsed<Predicate> glob_predicate(std::string_view pattern, Case letter_case);

// The whole text must match. `^` and `$` stand at lines, as Falco's POSIX expressions have it.
Parsed<Predicate> regex_predicate(const std::string& pattern);

// `pmatch`: one of the paths is the text, or leads to it: components are compared one by one,
// repeated slashes count once, and a component may hold wildcards.
Parsed<Predicate> path_predicate(const std::vector<std::string>& paths);

// A text that is none of `texts`.
Parsed<Predicate> none_of_predicate(const std::vector<std::string>& texts);

}  // namespace vedette::rules::falco
