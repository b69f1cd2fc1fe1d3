// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/unicode.h"
#include "rules/sigma/pipeline/step.h"

// Transformations that rename fields.
namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;
using FieldMap = PipelineStep::FieldMap;
using Names = std::vector<std::string>;

bool is_field_reference(const Value& value) { return value.kind == ValueKind::kFieldReference; }

// One name of a rule's field list or of a reference.
Names map_name(const std::string& field, PipelineState& state, const PipelineStep& step) {
  auto names = step.field_map(field);
  if (!names.has_value() || !step.matches_field(field, state)) return {field};
  if (*names != Names{field}) {
    std::set<std::string> ids = std::move(state.steps_of_fields[field]);
    ids.insert(step.id);
    state.steps_of_fields.erase(field);
    for (const std::string& name : *names) state.steps_of_fields[name] = ids;
  }
  return std::move(*names);
}

bool map_references(FieldTest& test, PipelineState& state, const PipelineStep& step) {
  if (std::ranges::none_of(test.values, is_field_reference)) return false;
  std::vector<Value> values;
  bool changed = false;
  for (Value& value : test.values) {
    if (!is_field_reference(value) || !step.matches_field(value.text, state)) {
      values.push_back(std::move(value));
      continue;
    }
    changed = true;
    for (std::string& name : map_name(value.text, state, step)) {
      Value mapped = value;
      mapped.text = std::move(name);
      values.push_back(std::move(mapped));
    }
  }
  test.values = std::move(values);
  return changed;
}

// A keyword that becomes the test of a field still looks inside of it.
void keep_keyword_meaning(FieldTest& test) {
  for (Value& value : test.values) {
    if (value.kind != ValueKind::kString) continue;
    add_leading_run(value.text);
    add_trailing_run(value.text);
  }
}

Parsed<TestChange> map_test(FieldTest& test, PipelineState& state, const PipelineStep& step,
                            Budget& budget) {
  TestChange change;
  if (map_references(test, state, step)) change.kind = TestChange::Kind::kChanged;
  const auto names = step.field_map(test.field);
  if (!names.has_value() || !step.matches_field(test.field, state)) return change;
  if (test.field == kAnyField) keep_keyword_meaning(test);
  state.mapped.insert(test.field);
  state.mapped.insert(names->begin(), names->end());
  if (names->size() == 1) {
    test.field = names->front();
    change.kind = TestChange::Kind::kChanged;
    return change;
  }
  if (!budget.take(names->size() * test.values.size())) {
    return refuse(test.position, "mapping this field to several makes too many values");
  }
  change.kind = TestChange::Kind::kReplaced;
  change.replacement.link = Detection::Link::kOr;
  for (const std::string& name : *names) {
    FieldTest copy = test;
    copy.field = name;
    copy.applied.push_back(step.id);
    change.replacement.tests.push_back(std::move(copy));
  }
  return change;
}

MadeTransformation renaming(FieldMap map) {
  const auto transformation = [tests = over_tests(map_test)](SigmaRule& rule, PipelineState& state,
                                                             const PipelineStep& step,
                                                             Budget& budget) -> Parsed<void> {
    Names fields;
    for (const std::string& field : rule.fields) {
      for (std::string& name : map_name(field, state, step)) fields.push_back(std::move(name));
    }
    rule.fields = std::move(fields);
    return tests(rule, state, step, budget);
  };
  return {transformation, std::move(map)};
}

using Mapping = std::map<std::string, Names, std::less<>>;
Parsed<Mapping> mapping_of(const Parameters& parameters, bool required) {
  Mapping mapping;
  const Node* node = parameters.node("mapping");
  if (node == nullptr && !required) return mapping;
  if (node == nullptr || node->kind != NodeKind::kMapping) {
    return refuse(parameters.position(), "`mapping` must be a map of field names");
  }
  for (const Member& member : node->members) {
    const bool keywords = scalar_type(*member.key) == ScalarType::kNull;
    const std::string source = keywords ? std::string(kAnyField) : std::string(member.key->text);
    Names& names = mapping[source];
    names.clear();
    if (member.value->kind == NodeKind::kScalar) names.emplace_back(member.value->text);
    for (const Node* name : member.value->elements) {
      if (name->kind != NodeKind::kScalar) {
        return refuse(position_of(*name), "a field name is expected here");
      }
      names.emplace_back(name->text);
    }
  }
  return mapping;
}

Parsed<MadeTransformation> field_name_mapping(const Parameters& parameters) {
  TRY(const Mapping mapping, mapping_of(parameters, true));
  return renaming([mapping](std::string_view field) -> std::optional<Names> {
    const auto found = mapping.find(field);
    if (found == mapping.end()) return std::nullopt;
    return found->second;
  });
}

Parsed<MadeTransformation> field_name_prefix_mapping(const Parameters& parameters) {
  const Node* node = parameters.node("mapping");
  if (node == nullptr || node->kind != NodeKind::kMapping) {
    return refuse(parameters.position(), "`mapping` must be a map of prefixes");
  }
  TRY(const Mapping names_of, mapping_of(parameters, true));
  // The first prefix in the order written wins.
  std::vector<std::pair<std::string, Names>> prefixes;
  for (const Member& member : node->members) {
    const auto found = names_of.find(member.key->text);
    if (found != names_of.end()) prefixes.emplace_back(found->first, found->second);
  }
  return renaming([prefixes](std::string_view field) -> std::optional<Names> {
    if (field == kAnyField) return std::nullopt;
    for (const auto& [prefix, names] : prefixes) {
      if (!field.starts_with(prefix)) continue;
      Names result;
      for (const std::string& name : names) {
        result.push_back(name + std::string(field.substr(prefix.size())));
      }
      return result;
    }
    return std::nullopt;
  });
}

Parsed<MadeTransformation> field_name_prefix(const Parameters& parameters) {
  TRY(const std::string prefix, parameters.required("prefix"));
  return renaming([prefix](std::string_view field) -> std::optional<Names> {
    if (field == kAnyField) return std::nullopt;
    return Names{prefix + std::string(field)};
  });
}

Parsed<MadeTransformation> field_name_suffix(const Parameters& parameters) {
  TRY(const std::string suffix, parameters.required("suffix"));
  return renaming([suffix](std::string_view field) -> std::optional<Names> {
    if (field == kAnyField) return std::nullopt;
    return Names{std::string(field) + suffix};
  });
}

std::string transformed_name(std::string_view field, std::string_view function) {
  std::string result;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const char c = field[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (function == "snake_case" && upper && i > 0) result.push_back('_');
    if (function == "upper") {
      result.push_back(lower ? static_cast<char>(c - 32) : c);
    } else {
      result.push_back(upper ? static_cast<char>(c + 32) : c);
    }
  }
  return result;
}

// In pySigma the function is Python code; from YAML only named ones can be meant.
Parsed<MadeTransformation> field_name_transform(const Parameters& parameters) {
  const std::string function = parameters.text("transform_func");
  if (function != "lower" && function != "upper" && function != "snake_case") {
    return refuse(parameters.position(),
                  "`transform_func` of field_name_transform must be lower, upper or snake_case");
  }
  TRY(const Mapping mapping, mapping_of(parameters, false));
  const bool keywords = parameters.flag("apply_keyword");
  return renaming([=](std::string_view field) -> std::optional<Names> {
    if (field == kAnyField && !keywords) return std::nullopt;
    if (const auto found = mapping.find(field); found != mapping.end()) return found->second;
    return Names{transformed_name(field, function)};
  });
}

constexpr std::array<Maker<MadeTransformation>, 5> kMakers = {{
    {"field_name_mapping", field_name_mapping},
    {"field_name_prefix", field_name_prefix},
    {"field_name_prefix_mapping", field_name_prefix_mapping},
    {"field_name_suffix", field_name_suffix},
    {"field_name_transform", field_name_transform},
}};

}  // namespace

std::span<const Maker<MadeTransformation>> field_transformation_makers() { return kMakers; }

}  // namespace vedette::rules::sigma
