// SPDX-License-Identifier: Apache-2.0
#include "rules/possible_values.h"

#include <algorithm>
#include <iterator>

#include "base/unicode.h"

namespace vedette::rules {
namespace {

using Set = std::set<std::string, std::less<>>;

Set unite(const Set& a, const Set& b) {
  Set all = a;
  all.insert(b.begin(), b.end());
  return all;
}

Set intersect(const Set& a, const Set& b) {
  Set common;
  std::ranges::set_intersection(a, b, std::inserter(common, common.end()));
  return common;
}

Set without(const Set& a, const Set& b) {
  Set rest;
  std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
  return rest;
}

PossibleValues of_leaf(const Expression& leaf, std::string_view field, bool negated) {
  const bool tells = leaf.field == field && leaf.predicate.test == Test::kEquals;
  if (!tells) return {};
  // Where letters' case counts, "not Open" still allows "open".
  if (negated && leaf.predicate.letter_case == Case::kRespect &&
      fold_case(leaf.predicate.text) != leaf.predicate.text) {
    return {};
  }
  return {negated, {fold_case(leaf.predicate.text)}};
}

// Conditions are as deep as the loaders allow (their limits bound the recursion).
PossibleValues of(const Expression& condition, std::string_view field, bool negated) {
  using Kind = Expression::Kind;
  switch (condition.kind) {
    case Kind::kTrue:
    case Kind::kFalse:
      return (condition.kind == Kind::kTrue) != negated ? PossibleValues{}
                                                        : PossibleValues{false, {}};
    case Kind::kNot:
      return of(condition.children.front(), field, !negated);
    case Kind::kLeaf:
      return of_leaf(condition, field, negated);
    case Kind::kAnd:
    case Kind::kOr:
      break;
  }
  const bool all = (condition.kind == Kind::kAnd) != negated;
  PossibleValues result{all, {}};
  for (const Expression& child : condition.children) {
    const PossibleValues values = of(child, field, negated);
    result = all ? both(result, values) : either(result, values);
  }
  return result;
}

}  // namespace

PossibleValues both(const PossibleValues& a, const PossibleValues& b) {
  if (a.all_but && b.all_but) return {true, unite(a.values, b.values)};
  if (!a.all_but && !b.all_but) return {false, intersect(a.values, b.values)};
  return a.all_but ? PossibleValues{false, without(b.values, a.values)}
                   : PossibleValues{false, without(a.values, b.values)};
}

PossibleValues either(const PossibleValues& a, const PossibleValues& b) {
  if (a.all_but && b.all_but) return {true, intersect(a.values, b.values)};
  if (!a.all_but && !b.all_but) return {false, unite(a.values, b.values)};
  return a.all_but ? PossibleValues{true, without(a.values, b.values)}
                   : PossibleValues{true, without(b.values, a.values)};
}

PossibleValues possible_values(const Expression& condition, std::string_view field) {
  return of(condition, field, false);
}

}  // namespace vedette::rules
