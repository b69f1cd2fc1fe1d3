// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/operators.h"

#include <algorithm>
#include <array>

namespace vedette::rules::falco {
namespace {

constexpr std::array kOperators = {
    OperatorRow{"exists", Operator::kExists, Operand::kNone, false},
    OperatorRow{"<=", Operator::kLessEquals, Operand::kNumber, false},
    OperatorRow{"<", Operator::kLess, Operand::kNumber, false},
    OperatorRow{">=", Operator::kGreaterEquals, Operand::kNumber, false},
    OperatorRow{">", Operator::kGreater, Operand::kNumber, false},
    OperatorRow{"==", Operator::kEquals, Operand::kText, false},
    OperatorRow{"=", Operator::kEquals, Operand::kText, false},
    OperatorRow{"!=", Operator::kNotEquals, Operand::kText, false},
    OperatorRow{"glob", Operator::kGlob, Operand::kText, true},
    OperatorRow{"iglob", Operator::kIglob, Operand::kText, true},
    OperatorRow{"contains", Operator::kContains, Operand::kText, true},
    OperatorRow{"icontains", Operator::kIcontains, Operand::kText, true},
    OperatorRow{"bcontains", Operator::kBcontains, Operand::kText, true},
    OperatorRow{"startswith", Operator::kStartsWith, Operand::kText, true},
    OperatorRow{"bstartswith", Operator::kBstartsWith, Operand::kText, true},
    OperatorRow{"endswith", Operator::kEndsWith, Operand::kText, true},
    OperatorRow{"regex", Operator::kRegex, Operand::kText, true},
    OperatorRow{"intersects", Operator::kIntersects, Operand::kList, false},
    OperatorRow{"in", Operator::kIn, Operand::kList, false},
    OperatorRow{"pmatch", Operator::kPmatch, Operand::kList, false},
};

constexpr std::array<std::string_view, 4> kModifiers = {"", "oneof", "anyof", "allof"};
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

}  // namespace

std::span<const OperatorRow> operators() { return kOperators; }

std::string_view to_string(Operator op) {
  if (op == Operator::kEquals) return "=";
  return std::ranges::find(kOperators, op, &OperatorRow::op)->name;
}

std::string_view to_string(Modifier modifier) {
  return kModifiers[static_cast<std::size_t>(modifier)];
}

std::optional<std::pair<Operator, Modifier>> parse_operator(std::string_view text) {
  text = trimmed(text);
  const std::size_t blank = text.find_first_of(kBlanks);
  const auto* const row = std::ranges::find(kOperators, text.substr(0, blank), &OperatorRow::name);
  if (row == kOperators.end()) return std::nullopt;
  if (blank == std::string_view::npos) return std::pair(row->op, Modifier::kNone);
  const auto* const modifier = std::ranges::find(kModifiers, trimmed(text.substr(blank)));
  if (modifier == kModifiers.end() || row->operand != Operand::kText) return std::nullopt;
  return std::pair(row->op, static_cast<Modifier>(modifier - kModifiers.begin()));
}

bool takes_list(Operator op, Modifier modifier) {
  return modifier != Modifier::kNone || op == Operator::kIn || op == Operator::kIntersects ||
         op == Operator::kPmatch;
}

}  // namespace vedette::rules::falco
