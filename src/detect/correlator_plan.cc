// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator_plan.h"

#include <algorithm>
#include <charconv>

namespace vedette::detect {
namespace {

using rules::CorrelationType;

std::uint32_t position_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<std::uint32_t>(names.size() - 1);
}

// The field behind a name as matches of one reference call it.
const std::string& resolve(const rules::Correlation& rule, const std::string& name,
                           std::size_t reference) {
  const auto alias = rule.aliases.find(name);
  if (alias == rule.aliases.end()) return name;
  const auto field = alias->second.find(reference);
  return field == alias->second.end() ? name : field->second;
}

// Depth is the parser's, bounded there.
void compile(const rules::Expression& expression, std::vector<CorrelatorPlan::Operation>& program) {
  using Kind = rules::Expression::Kind;
  using Code = CorrelatorPlan::Operation::Kind;
  for (const rules::Expression& child : expression.children) compile(child, program);
  const auto count = static_cast<std::uint32_t>(expression.children.size());
  switch (expression.kind) {
    case Kind::kTrue:
      program.push_back({Code::kTrue, 0});
      break;
    case Kind::kFalse:
      program.push_back({Code::kFalse, 0});
      break;
    case Kind::kAnd:
      program.push_back({Code::kAnd, count});
      break;
    case Kind::kOr:
      program.push_back({Code::kOr, count});
      break;
    case Kind::kNot:
      program.push_back({Code::kNot, 1});
      break;
    case Kind::kLeaf: {
      std::uint32_t reference = 0;
      const std::string& text = expression.field;
      std::from_chars(text.data(), text.data() + text.size(), reference);
      program.push_back({Code::kPresent, reference});
      break;
    }
  }
}

void plan_bounds(const rules::Correlation& rule, CorrelatorPlan::Correlation& plan) {
  plan.bounds = rule.bounds;
  const bool temporal =
      rule.type == CorrelationType::kTemporal || rule.type == CorrelationType::kTemporalOrdered;
  if (!temporal) return;
  if (rule.condition) compile(*rule.condition, plan.condition);
  if (rule.bounds.empty()) {
    plan.bounds.push_back(
        {rules::Comparison::kGreaterEquals, static_cast<double>(rule.references.size())});
  }
}

// Outer correlations come behind inner ones, so walking backwards knows all that is asked of a
// correlation before it asks in turn.
void plan_values(CorrelatorPlan& plan, std::size_t index) {
  CorrelatorPlan::Correlation& correlation = plan.correlations[index];
  const rules::Correlation& rule = *correlation.rule;
  for (std::size_t r = 0; r < rule.references.size(); ++r) {
    const rules::Correlation::Reference& from = rule.references[r];
    std::vector<std::string>& names =
        from.correlation ? plan.correlations[from.index].outputs : plan.rule_fields[from.index];
    CorrelatorPlan::Reference reference;
    reference.correlation = from.correlation;
    reference.index = static_cast<std::uint32_t>(from.index);
    for (const std::string& name : rule.group_by) {
      reference.group.push_back(position_of(names, resolve(rule, name, r)));
    }
    for (const std::string& name : rule.fields) {
      reference.fields.push_back(position_of(names, resolve(rule, name, r)));
    }
    for (const std::string& name : correlation.outputs) {
      const auto in_group = std::find(rule.group_by.begin(), rule.group_by.end(), name);
      reference.outputs.push_back(
          in_group == rule.group_by.end()
              ? position_of(names, resolve(rule, name, r))
              : CorrelatorPlan::kFromGroup +
                    static_cast<std::uint32_t>(in_group - rule.group_by.begin()));
    }
    correlation.references.push_back(std::move(reference));
  }
}

}  // namespace

CorrelatorPlan make_correlator_plan(const rules::RuleSet& rules) {
  CorrelatorPlan plan;
  plan.correlations.resize(rules.correlations.size());
  plan.rule_fields.resize(rules.rules.size());
  plan.rule_listeners.resize(rules.rules.size());
  plan.inner_listeners.resize(rules.correlations.size());
  for (std::size_t i = 0; i < rules.correlations.size(); ++i) {
    plan.correlations[i].rule = &rules.correlations[i];
    plan_bounds(rules.correlations[i], plan.correlations[i]);
    const std::vector<rules::Correlation::Reference>& references = rules.correlations[i].references;
    for (std::size_t r = 0; r < references.size(); ++r) {
      auto& listeners = references[r].correlation ? plan.inner_listeners[references[r].index]
                                                  : plan.rule_listeners[references[r].index];
      listeners.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(r)});
    }
  }
  for (std::size_t i = rules.correlations.size(); i-- > 0;) plan_values(plan, i);
  return plan;
}

bool holds(const std::vector<rules::Bound>& bounds, double value) {
  return std::all_of(bounds.begin(), bounds.end(), [&](const rules::Bound& bound) {
    switch (bound.comparison) {
      case rules::Comparison::kEquals:
        return value == bound.value;
      case rules::Comparison::kNotEquals:
        return value != bound.value;
      case rules::Comparison::kLess:
        return value < bound.value;
      case rules::Comparison::kLessEquals:
        return value <= bound.value;
      case rules::Comparison::kGreater:
        return value > bound.value;
      case rules::Comparison::kGreaterEquals:
        return value >= bound.value;
    }
    return false;
  });
}

}  // namespace vedette::detect
