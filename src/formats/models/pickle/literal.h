// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/models/pickle/graph.h"
#include "formats/models/pickle/operation.h"

namespace vedette::formats::models {

// What an operation pushes that needs nothing but its operand: a number, a text, bytes.
struct Literal {
  ValueKind kind = ValueKind::kUnknown;
  std::int64_t number = 0;  // as Value has it
  std::string_view text;    // of the operand, where `made` is empty
  std::string made;         // the text, where it is not what the operand says as it is
};
// Nothing where the operation is none of those.
std::optional<Literal> read_literal(const Operation& operation);

}  // namespace vedette::formats::models
