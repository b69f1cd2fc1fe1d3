// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rules/falco/ast.h"

namespace vedette::rules::falco {

// Nesting of a condition as Falco counts it: each rule of the grammar that is entered counts, so
// that about 200 brackets may stand inside each other.
constexpr std::size_t kDepthMax = 1000;

// Parses a condition by Falco's grammar (`or` binds less than `and`, that less than `not`); names
// of macros stay names. Lists have been substituted before.
Parsed<Condition> parse_condition(std::string_view text);

// A field with an optional argument at the start of `text` (an output template's): what it is, and
// how many bytes of `text` it took.
struct LeadingField {
  std::string name;
  std::optional<std::string> argument;
  std::size_t size = 0;
};
Parsed<LeadingField> parse_leading_field(std::string_view text);

// Whether a transformer's name with its bracket stands at the start of `text`.
bool starts_with_transformer(std::string_view text);

}  // namespace vedette::rules::falco
