// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "rules/sigma/pipeline/step.h"
#include "rules/sigma/rule.h"

// Transformations of whole rules.
namespace vedette::rules::sigma {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;

MadeTransformation over_rule(std::function<void(SigmaRule&, PipelineState&)> change) {
  return {[change = std::move(change)](SigmaRule& rule, PipelineState& state, const PipelineStep&,
                                       Budget&) -> Parsed<void> {
            change(rule, state);
            return {};
          },
          {}};
}

Parsed<MadeTransformation> change_logsource(const Parameters& parameters) {
  const LogSource source{parameters.text("category"), parameters.text("product"),
                         parameters.text("service")};
  return over_rule([source](SigmaRule& rule, PipelineState&) {
    rule.logsource = source;
    rule.info.logsource = log_source_name(source);
  });
}

Parsed<MadeTransformation> add_field(const Parameters& parameters) {
  const std::vector<std::string> fields = parameters.texts("field");
  return over_rule([fields](SigmaRule& rule, PipelineState&) {
    rule.fields.insert(rule.fields.end(), fields.begin(), fields.end());
  });
}

Parsed<MadeTransformation> remove_field(const Parameters& parameters) {
  const std::vector<std::string> fields = parameters.texts("field");
  return over_rule([fields](SigmaRule& rule, PipelineState&) {
    for (const std::string& field : fields) {
      const auto found = std::ranges::find(rule.fields, field);
      if (found != rule.fields.end()) rule.fields.erase(found);
    }
  });
}

Parsed<MadeTransformation> set_field(const Parameters& parameters) {
  const std::vector<std::string> fields = parameters.texts("fields");
  return over_rule([fields](SigmaRule& rule, PipelineState&) { rule.fields = fields; });
}

Parsed<MadeTransformation> set_state(const Parameters& parameters) {
  TRY(const std::string key, parameters.required("key"));
  TRY(const Value value, parameters.value("val"));
  return over_rule([key, value](SigmaRule&, PipelineState& state) {
    state.values.insert_or_assign(key, value);
  });
}

Parsed<MadeTransformation> set_custom_attribute(const Parameters& parameters) {
  TRY(const std::string attribute, parameters.required("attribute"));
  const std::string value = parameters.text("value");
  return over_rule([attribute, value](SigmaRule& rule, PipelineState&) {
    rule.attributes.insert_or_assign(attribute, value);
  });
}

Parsed<MadeTransformation> rule_failure(const Parameters& parameters) {
  TRY(const std::string message, parameters.required("message"));
  return MadeTransformation{
      [message](SigmaRule& rule, PipelineState&, const PipelineStep&, Budget&) -> Parsed<void> {
        return refuse(rule.position, fmt::format("a pipeline refuses the rule: {}", message));
      },
      {}};
}

Parsed<MadeTransformation> detection_failure(const Parameters& parameters) {
  TRY(const std::string message, parameters.required("message"));
  return MadeTransformation{
      over_tests([message](FieldTest& test, PipelineState&, const PipelineStep&,
                           Budget&) -> Parsed<TestChange> {
        return refuse(test.position, fmt::format("a pipeline refuses the rule: {}", message));
      }),
      {}};
}

void collect_unmapped(const Detection& detection, const PipelineState& state,
                      std::set<std::string>& names) {
  for (const FieldTest& test : detection.tests) {
    if (test.field != kAnyField && !state.mapped.contains(test.field)) names.insert(test.field);
  }
  for (const Detection& group : detection.groups) collect_unmapped(group, state, names);
}

Parsed<MadeTransformation> strict_field_mapping_failure(const Parameters&) {
  return MadeTransformation{
      [](SigmaRule& rule, PipelineState& state, const PipelineStep&, Budget&) -> Parsed<void> {
        std::set<std::string> names;
        for (const NamedDetection& named : rule.detections) {
          collect_unmapped(named.detection, state, names);
        }
        if (names.empty()) return {};
        return refuse(rule.position, fmt::format("a pipeline refuses the rule: no mapping for the "
                                                 "fields {}",
                                                 fmt::join(names, ", ")));
      },
      {}};
}

Parsed<MadeTransformation> drop_detection(const Parameters&) {
  return MadeTransformation{over_tests([](FieldTest&, PipelineState&, const PipelineStep&,
                                          Budget&) -> Parsed<TestChange> {
                              return TestChange{TestChange::Kind::kDropped, {}};
                            }),
                            {}};
}

// add_condition

// Python's string.Template with the names of the log source's parts; others stay.
std::string fill_template(std::string_view text, const LogSource& source) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> parts = {
      {{"category", &source.category}, {"product", &source.product}, {"service", &source.service}}};
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool replaced = false;
    if (text[i] == '$' && text.substr(i + 1).starts_with('$')) {
      result.push_back('$');
      ++i;
      continue;
    }
    for (const auto& [name, value] : parts) {
      const std::string braced = fmt::format("${{{}}}", name);
      const std::string bare = fmt::format("${}", name);
      const std::string& form = text.substr(i).starts_with(braced) ? braced : bare;
      if (!text.substr(i).starts_with(form)) continue;
      result.append(value->empty() ? "None" : *value);
      i += form.size() - 1;
      replaced = true;
      break;
    }
    if (!replaced) result.push_back(text[i]);
  }
  return result;
}

void fill_templates(Detection& detection, const LogSource& source) {
  for (FieldTest& test : detection.tests) {
    for (Value& value : test.values) {
      if (value.kind == ValueKind::kString) value.text = fill_template(value.text, source);
    }
  }
}

Condition name_condition(const std::string& name, bool negated) {
  Condition condition;
  condition.name = name;
  if (!negated) return condition;
  Condition negation;
  negation.kind = Condition::Kind::kNot;
  negation.parts.push_back(std::move(condition));
  return negation;
}

// A name that no detection of the rule has.
std::string free_name(const SigmaRule& rule, const std::string& wanted) {
  std::string name = wanted.empty() ? "_cond" : wanted;
  for (std::size_t i = 1; wanted.empty() && rule.find(name) != nullptr; ++i) {
    name = fmt::format("_cond{}", i);
  }
  return name;
}

Parsed<MadeTransformation> add_condition(const Parameters& parameters) {
  const Node* node = parameters.node("conditions");
  if (node == nullptr || node->kind != NodeKind::kMapping) {
    return refuse(parameters.position(), "`conditions` must be a map of fields to values");
  }
  Budget parsing(kRuleValuesMax);
  TRY(const Detection detection, parse_detection(*node, parsing));
  const bool is_template = parameters.flag("template");
  const bool negated = parameters.flag("negated");
  const std::string wanted = parameters.text("name");
  const auto apply = [=](SigmaRule& rule, PipelineState&, const PipelineStep&,
                         Budget& budget) -> Parsed<void> {
    if (!budget.take(detection.tests.size())) {
      return refuse(rule.position, "the conditions that a pipeline adds are too many");
    }
    NamedDetection added;
    added.name = free_name(rule, wanted);
    added.detection = detection;
    if (is_template) fill_templates(added.detection, rule.logsource);
    for (Condition& condition : rule.conditions) {
      Condition both;
      both.kind = Condition::Kind::kAnd;
      both.position = condition.position;
      both.parts.push_back(name_condition(added.name, negated));
      both.parts.push_back(std::move(condition));
      condition = std::move(both);
    }
    std::erase_if(rule.detections,
                  [&](const NamedDetection& other) { return other.name == added.name; });
    rule.detections.push_back(std::move(added));
    return {};
  };
  return MadeTransformation{apply, {}};
}

// Steps inside of a step; their state flows back out.
Parsed<MadeTransformation> nest(const Parameters& parameters) {
  const Node* nodes = parameters.node("items");
  if (nodes == nullptr || nodes->kind != NodeKind::kSequence) {
    return refuse(parameters.position(), "`items` must be a list of transformations");
  }
  auto steps = std::make_shared<std::vector<PipelineStep>>();
  for (std::size_t i = 0; i < nodes->elements.size(); ++i) {
    TRY(PipelineStep step, make_step(*nodes->elements[i], i));
    steps->push_back(std::move(step));
  }
  const auto apply = [steps](SigmaRule& rule, PipelineState& state, const PipelineStep&,
                             Budget& budget) -> Parsed<void> {
    for (const PipelineStep& step : *steps) {
      if (!step.matches_rule(rule, state)) continue;
      TRY_VOID(step.transformation(rule, state, step, budget));
      rule.applied.push_back(step.id);
    }
    return {};
  };
  return MadeTransformation{apply, {}};
}

constexpr std::array<Maker<MadeTransformation>, 12> kMakers = {{
    {"add_condition", add_condition},
    {"add_field", add_field},
    {"change_logsource", change_logsource},
    {"detection_item_failure", detection_failure},
    {"drop_detection_item", drop_detection},
    {"nest", nest},
    {"remove_field", remove_field},
    {"rule_failure", rule_failure},
    {"set_custom_attribute", set_custom_attribute},
    {"set_field", set_field},
    {"set_state", set_state},
    {"strict_field_mapping_failure", strict_field_mapping_failure},
}};

}  // namespace

std::span<const Maker<MadeTransformation>> rule_transformation_makers() { return kMakers; }

}  // namespace vedette::rules::sigma
