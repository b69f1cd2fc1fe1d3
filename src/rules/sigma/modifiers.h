// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rules/sigma/ast.h"

// Value modifiers (specification 2.1.0, "Modifiers"; pySigma's further ones). They run from left to
// right, each on the values that the one before it left.
namespace vedette::rules::sigma {

struct Modifier {
  // What the function may look at beside the value it changes.
  struct Context {
    FieldTest& test;    // modifiers before this one are in test.modifiers
    Position position;  // of the value
  };
  std::string_view name;
  std::string_view help;
  std::uint32_t accepts = 0;  // set of ValueKind: 1 << kind; 0: acts on the whole test, not values
  std::string_view wanted;    // the accepted kinds in words, for the refusal
  Parsed<void> (*apply)(Value& value, const Context& context) = nullptr;
};

// All modifiers, by name.
std::span<const Modifier> modifiers();
const Modifier* find_modifier(std::string_view name);

// What the expanding modifiers may make of one test.
constexpr std::size_t kAlternativesMax = 65536;

// Applies one modifier to a test: to each of its values, inside expansions too. Appends its name
// to test.modifiers.
Parsed<void> apply_modifier(const Modifier& modifier, FieldTest& test);

}  // namespace vedette::rules::sigma
