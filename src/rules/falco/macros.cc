// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/macros.h"

#include <fmt/format.h>
#include <limits>

#include "rules/falco/condition.h"

namespace vedette::rules::falco {
namespace {

constexpr Order kAllVisible = std::numeric_limits<Order>::max();

Parsed<Condition> parsed(const MacroItem& macro, ListTexts& lists) {
  TRY(const std::string text, lists.substitute(macro.condition.text));
  return parse_condition(text);
}

std::size_t comparisons(const Check& check) {
  const std::size_t values = check.values.size();
  return 1 + (check.modifier == Modifier::kOneOf ? values * values : values);
}

// Of a condition whose macros are resolved: every check bears the name.
void name_checks(Condition& condition, const std::string& macro) {
  if (condition.kind == Condition::Kind::kCheck) condition.macro = macro;
  for (Condition& part : condition.parts) name_checks(part, macro);
}

}  // namespace

Macros::Macros(const Named<MacroItem>& macros, ListTexts& lists) {
  for (const MacroItem& macro : macros.all()) {
    places_.emplace(macro.name, entries_.size());
    entries_.push_back({&macro, parsed(macro, lists), State::kParsed, false});
  }
  for (Entry& entry : entries_) {
    if (!entry.condition.has_value()) continue;
    Condition condition = *entry.condition;
    std::size_t checks = 0;
    entry.state = State::kBusy;
    auto inserted = insert(condition, entry.macro->last, 0, checks);
    entry.state = State::kResolved;
    if (inserted.has_value()) {
      entry.condition = std::move(condition);
    } else {
      entry.condition = std::unexpected(std::move(inserted).error());
    }
  }
}

Parsed<Condition> Macros::resolve(Condition condition) {
  std::size_t checks = 0;
  TRY_VOID(insert(condition, kAllVisible, 0, checks));
  if (checks > checks_left_) {
    return refuse(
        fmt::format("the conditions loaded together hold more than {} checks", kLoadChecksMax));
  }
  checks_left_ -= checks;
  return condition;
}

// Recursion as deep as kDepthMax allows.
Parsed<void> Macros::insert(Condition& condition, Order visible, std::size_t depth,
                            std::size_t& checks) {
  if (depth > kDepthMax) {
    return refuse(
        fmt::format("the condition is nested deeper than {} levels with its macros", kDepthMax));
  }
  if (condition.kind == Condition::Kind::kMacro) {
    return insert_macro(condition, visible, depth, checks);
  }
  if (condition.kind == Condition::Kind::kCheck) checks += comparisons(condition.check);
  if (checks > kConditionChecksMax) {
    return refuse(fmt::format("the condition makes more than {} comparisons with its macros",
                              kConditionChecksMax));
  }
  for (Condition& part : condition.parts) TRY_VOID(insert(part, visible, depth + 1, checks));
  return {};
}

Parsed<void> Macros::insert_macro(Condition& condition, Order visible, std::size_t depth,
                                  std::size_t& checks) {
  const std::string name = condition.macro;
  const auto found = places_.find(name);
  if (found == places_.end()) {
    return refuse(fmt::format("the macro '{}' is not defined", name), name);
  }
  Entry& entry = entries_[found->second];
  if (entry.macro->first >= visible) {
    return refuse(fmt::format("the macro '{}' is defined behind the macro that uses it", name),
                  name);
  }
  if (entry.state == State::kBusy) {
    return refuse(fmt::format("the macro '{}' uses itself", name), name);
  }
  entry.used = true;
  if (!entry.condition.has_value()) {
    Problem problem = entry.condition.error();
    problem.message = fmt::format("the macro '{}' cannot be used: {}", name, problem.message);
    problem.token = name;
    return std::unexpected(std::move(problem));
  }
  condition = *entry.condition;
  const State state = entry.state;
  entry.state = State::kBusy;
  auto inserted = insert(condition, visible, depth, checks);
  entry.state = state;
  if (inserted.has_value()) name_checks(condition, name);
  return inserted;
}

std::vector<Macros::Broken> Macros::broken() const {
  std::vector<Broken> broken;
  for (const Entry& entry : entries_) {
    if (!entry.condition.has_value()) broken.push_back({entry.macro, entry.condition.error()});
  }
  return broken;
}

std::vector<const MacroItem*> Macros::unused() const {
  std::vector<const MacroItem*> macros;
  for (const Entry& entry : entries_) {
    if (!entry.used) macros.push_back(entry.macro);
  }
  return macros;
}

}  // namespace vedette::rules::falco
