// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/detection.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "rules/sigma/condition.h"
#include "rules/sigma/modifiers.h"
#include "rules/sigma/text.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

std::unexpected<Problem> too_many(Position position) {
  return refuse(position, fmt::format("more than {} values in one rule; split it", kRuleValuesMax));
}

// The values of a test before its modifiers. A regular expression keeps its text as written.
Parsed<Value> value_of(const Node& node, bool raw, std::string_view field) {
  if (node.kind != NodeKind::kScalar) {
    return refuse(position_of(node),
                  fmt::format("a value of '{}' is a {}, but values are text, numbers, true or "
                              "false, or null",
                              field, node.kind == NodeKind::kMapping ? "map" : "list"));
  }
  if (!raw || scalar_type(node) == ScalarType::kNull) return parse_value(node);
  Value value;
  value.position = position_of(node);
  value.text = node.text;
  return value;
}

Parsed<void> add_values(const Node& values, bool raw, FieldTest& test, Budget& budget) {
  const Node* const single = &values;
  const std::span<const Node* const> nodes =
      values.kind == NodeKind::kSequence ? values.elements : std::span(&single, 1);
  if (!budget.take(nodes.size())) return too_many(test.position);
  test.values.reserve(nodes.size());
  for (const Node* node : nodes) {
    TRY(Value value, value_of(*node, raw, test.field));
    test.values.push_back(std::move(value));
  }
  return {};
}

std::size_t count_alternatives(const FieldTest& test) {
  std::size_t count = 0;
  for (const Value& value : test.values) count += value.alternatives.size();
  return count;
}

// "Field|one|two" to its parts; the modifiers must be known.
Parsed<std::vector<const Modifier*>> split_key(const Node& key, FieldTest& test) {
  std::vector<const Modifier*> chain;
  const bool is_null = scalar_type(key) == ScalarType::kNull;
  std::string_view rest = is_null ? std::string_view() : key.text;
  std::size_t bar = rest.find('|');
  test.field = rest.substr(0, bar);
  while (bar != std::string_view::npos) {
    rest.remove_prefix(bar + 1);
    bar = rest.find('|');
    const std::string_view name = rest.substr(0, bar);
    const Modifier* modifier = find_modifier(name);
    if (modifier == nullptr) {
      return refuse(position_of(key),
                    fmt::format("the modifier '{}' of '{}' is unknown", name, key.text));
    }
    chain.push_back(modifier);
  }
  return chain;
}

// Lists nest at most as deep as YAML was allowed to.
Parsed<Detection> parse_list(const Node& list, Budget& budget) {
  Detection detection;
  const bool plain = std::ranges::all_of(
      list.elements, [](const Node* node) { return node->kind == NodeKind::kScalar; });
  if (plain) {
    FieldTest keywords;
    keywords.position = position_of(list);
    TRY_VOID(add_values(list, false, keywords, budget));
    detection.tests.push_back(std::move(keywords));
    return detection;
  }
  detection.link = Detection::Link::kOr;
  for (const Node* element : list.elements) {
    TRY(Detection group, parse_detection(*element, budget));
    detection.groups.push_back(std::move(group));
  }
  return detection;
}

}  // namespace

Position position_of(const Node& node) { return {node.line, node.column}; }

const Node* repeated_key(const Node& mapping) {
  constexpr std::size_t kPairwiseMax = 16;
  const auto members = mapping.members;
  const auto text = [](const Member& member) { return member.key->text; };
  if (members.size() <= kPairwiseMax) {
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (text(members[i]) == text(members[k])) return members[i].key;
      }
    }
    return nullptr;
  }
  std::set<std::string_view> seen;
  for (const Member& member : members) {
    if (!seen.insert(text(member)).second) return member.key;
  }
  return nullptr;
}

Parsed<Value> parse_value(const Node& scalar) {
  Value value;
  value.position = position_of(scalar);
  switch (scalar_type(scalar)) {
    case ScalarType::kNull:
      value.kind = ValueKind::kNull;
      return value;
    case ScalarType::kBoolean:
      value.kind = ValueKind::kBoolean;
      value.truth = boolean_of(scalar);
      return value;
    case ScalarType::kInteger:
    case ScalarType::kFloat:
      value.kind = ValueKind::kNumber;
      value.text = decimal_of(scalar);
      if (!value.text.empty()) return value;
      return refuse(value.position,
                    fmt::format("{} is no finite number; put it in quotes if it is meant as text",
                                scalar.text));
    case ScalarType::kString:
    case ScalarType::kTimestamp:
      break;
  }
  value.text = parse_text(scalar.text);
  return value;
}

Parsed<FieldTest> parse_field_test(const Node& key, const Node& values, Budget& budget) {
  FieldTest test;
  test.position = position_of(key);
  if (key.kind != NodeKind::kScalar) {
    return refuse(test.position, "a list or map stands where the name of a field is expected");
  }
  TRY(const std::vector<const Modifier*> chain, split_key(key, test));
  const bool raw =
      std::ranges::any_of(chain, [](const Modifier* modifier) { return modifier->name == "re"; });
  TRY_VOID(add_values(values, raw, test, budget));
  test.modifiers.reserve(chain.size());
  for (const Modifier* modifier : chain) {
    TRY_VOID(apply_modifier(*modifier, test));
  }
  if (!budget.take(count_alternatives(test))) return too_many(test.position);
  return test;
}

Parsed<Detection> parse_detection(const Node& definition, Budget& budget) {
  if (!budget.take(1)) return too_many(position_of(definition));
  if (definition.kind == NodeKind::kSequence) return parse_list(definition, budget);
  Detection detection;
  if (definition.kind == NodeKind::kScalar) {
    FieldTest keyword;
    keyword.position = position_of(definition);
    TRY_VOID(add_values(definition, false, keyword, budget));
    detection.tests.push_back(std::move(keyword));
    return detection;
  }
  if (definition.members.empty()) return refuse(position_of(definition), "the detection is empty");
  if (const Node* twice = repeated_key(definition); twice != nullptr) {
    return refuse(
        position_of(*twice),
        fmt::format("the key '{}' stands twice in one map; write one list, with |all when "
                    "all values must match",
                    twice->text));
  }
  detection.tests.reserve(definition.members.size());
  for (const Member& member : definition.members) {
    TRY(FieldTest test, parse_field_test(*member.key, *member.value, budget));
    detection.tests.push_back(std::move(test));
  }
  return detection;
}

Parsed<std::vector<Condition>> parse_conditions(const Node& node) {
  const Node* const single = &node;
  const std::span<const Node* const> nodes =
      node.kind == NodeKind::kSequence ? node.elements : std::span(&single, 1);
  std::vector<Condition> conditions;
  for (const Node* text : nodes) {
    if (text->kind != NodeKind::kScalar || scalar_type(*text) == ScalarType::kNull) {
      return refuse(position_of(*text), "the condition must be text or a list of texts");
    }
    TRY(Condition condition, parse_condition(text->text, position_of(*text)));
    conditions.push_back(std::move(condition));
  }
  if (conditions.empty()) return refuse(position_of(node), "the list of conditions is empty");
  return conditions;
}

}  // namespace vedette::rules::sigma
