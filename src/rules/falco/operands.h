// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/falco/fields.h"
#include "rules/model.h"

// The two sides of a comparison: fields with what transformers make of them, and literals by the
// type of the field.
namespace vedette::rules::falco {

// A field, and what is made of its texts before they are compared.
struct Subject {
  KnownField field;  // its type is that of the result
  std::vector<Transform> transforms;
};
Parsed<Subject> subject_of(const Term& term, const std::string& source);

// Whether values of the type may be compared so; a Problem that names both if not.
Parsed<void> check_operator(const Subject& subject, Operator op, Modifier modifier);

// The literal as a predicate compares it: numbers in decimal, networks as they are, bytes for
// bcontains. A Problem when it is no value of the type.
Parsed<std::string> literal_of(const Subject& subject, Operator op, const std::string& text);

// "0x1f" and "31" as "31"; empty for other texts.
std::string decimal_of(std::string_view text);

}  // namespace vedette::rules::falco
