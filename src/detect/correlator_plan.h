// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/model.h"

namespace vedette::detect {

// What the correlations of a rule set need, worked out once: where each value comes from, who
// listens to whom. A match, of a base rule or of an inner correlation, is a list of values; all
// lookups by name become positions in that list. Immutable; refers to the RuleSet it was made from.
struct CorrelatorPlan {
  // How one reference of a correlation feeds it: positions in the values of the match.
  struct Reference {
    bool correlation = false;
    std::uint32_t index = 0;
    std::vector<std::uint32_t> group;   // one for each group-by name
    std::vector<std::uint32_t> fields;  // one for each value field
    // One for each output; kFromGroup + i: the i-th value of the group instead.
    std::vector<std::uint32_t> outputs;
  };
  static constexpr std::uint32_t kFromGroup = 0x80000000;

  // The string condition of a temporal correlation in postfix order.
  struct Operation {
    enum class Kind : std::uint8_t { kTrue, kFalse, kPresent, kNot, kAnd, kOr };
    Kind kind = Kind::kTrue;
    std::uint32_t operand = 0;  // kPresent: reference; kAnd, kOr: number of operands
  };

  struct Correlation {
    const rules::Correlation* rule = nullptr;
    std::vector<Reference> references;
    // What outer correlations ask of this one: names of its group, of its aliases, or of fields of
    // the event that completed it.
    std::vector<std::string> outputs;
    std::vector<Operation> condition;  // empty: bounds decide
    std::vector<rules::Bound> bounds;  // with the default of temporal types filled in
  };

  struct Listener {
    std::uint32_t correlation = 0;
    std::uint32_t reference = 0;
  };

  std::vector<Correlation> correlations;
  std::vector<std::vector<std::string>> rule_fields;   // by rule
  std::vector<std::vector<Listener>> rule_listeners;   // by rule, ascending
  std::vector<std::vector<Listener>> inner_listeners;  // by correlation, ascending
};

CorrelatorPlan make_correlator_plan(const rules::RuleSet& rules);

// Whether `value` satisfies all of `bounds`.
bool holds(const std::vector<rules::Bound>& bounds, double value);

// Runs a condition; `present(reference)` says whether matches of a reference are in the window.
template <typename Present>
bool evaluate(const std::vector<CorrelatorPlan::Operation>& condition, std::vector<bool>& stack,
              const Present& present) {
  using Kind = CorrelatorPlan::Operation::Kind;
  stack.clear();
  for (const CorrelatorPlan::Operation& operation : condition) {
    switch (operation.kind) {
      case Kind::kTrue:
      case Kind::kFalse:
        stack.push_back(operation.kind == Kind::kTrue);
        break;
      case Kind::kPresent:
        stack.push_back(present(operation.operand));
        break;
      case Kind::kNot:
        stack.back() = !stack.back();
        break;
      case Kind::kAnd:
      case Kind::kOr: {
        const bool all = operation.kind == Kind::kAnd;
        bool result = all;
        for (std::uint32_t i = 0; i < operation.operand; ++i) {
          result = all ? result && stack.back() : result || stack.back();
          stack.pop_back();
        }
        stack.push_back(result);
        break;
      }
    }
  }
  return !stack.empty() && stack.back();
}

}  // namespace vedette::detect
