// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "rules/falco/ast.h"

// The operators of conditions as a table.
namespace vedette::rules::falco {

// What stands on the right side of an operator.
enum class Operand : std::uint8_t { kNone, kNumber, kText, kList };

struct OperatorRow {
  std::string_view name;
  Operator op = Operator::kExists;
  Operand operand = Operand::kNone;
  bool word = false;  // a blank must follow
};

// In the order in which the grammar tries them: "<=" before "<", "intersects" before "in".
std::span<const OperatorRow> operators();

std::string_view to_string(Operator op);
std::string_view to_string(Modifier modifier);

// "startswith", "startswith oneof"; nothing for other texts. Blanks around and between are free.
std::optional<std::pair<Operator, Modifier>> parse_operator(std::string_view text);

// `in`, `intersects`, `pmatch`, and every operator with a modifier.
bool takes_list(Operator op, Modifier modifier);

}  // namespace vedette::rules::falco
