// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/yaml/yaml.h"
#include "rules/sigma/ast.h"

namespace vedette::rules::sigma {

// How many values may still be made, for one rule or for all of a load: aliases and modifiers make
// more of them than a file is long.
class Budget {
 public:
  explicit Budget(std::size_t values) : left_(values) {}
  // False when there are not as many left; then nothing is left.
  bool take(std::size_t values) {
    const bool enough = values <= left_;
    left_ = enough ? left_ - values : 0;
    return enough;
  }
  std::size_t left() const { return left_; }

 private:
  std::size_t left_;
};
// Of one rule.
constexpr std::size_t kRuleValuesMax = 65536;
// Of everything loaded together.
constexpr std::size_t kLoadValuesMax = 1'000'000;

// Reads what stands below a detection's name: a map of field tests (all must hold), a list of maps
// (any), keywords (text, or a list of it). Modifiers are applied. Filters use it too.
Parsed<Detection> parse_detection(const formats::yaml::Node& definition, Budget& budget);

// One `Field|modifiers: values` pair.
Parsed<FieldTest> parse_field_test(const formats::yaml::Node& key,
                                   const formats::yaml::Node& values, Budget& budget);

// A scalar with the type that YAML gives it.
Parsed<Value> parse_value(const formats::yaml::Node& scalar);

// The key that stands twice in a mapping; null when none does.
const formats::yaml::Node* repeated_key(const formats::yaml::Node& mapping);

Position position_of(const formats::yaml::Node& node);

// A `condition`: text or a list of them.
Parsed<std::vector<Condition>> parse_conditions(const formats::yaml::Node& node);

}  // namespace vedette::rules::sigma
