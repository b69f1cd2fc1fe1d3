// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/filter.h"

#include <algorithm>
#include <fmt/format.h>

#include "rules/sigma/condition.h"
#include "rules/sigma/rule.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

bool has_text(const Node& node) {
  return node.kind == NodeKind::kScalar && scalar_type(node) != ScalarType::kNull;
}

std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

// parse_condition() has bounded the depth.
bool excludes_at_top(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kNot:
      return true;
    case Condition::Kind::kAnd:
    case Condition::Kind::kOr:
      return std::ranges::any_of(condition.parts, excludes_at_top);
    case Condition::Kind::kName:
    case Condition::Kind::kSelector:
      return false;
  }
  return false;
}

// The first name in a condition that no detection has; "" when there is none. Selectors may name
// nothing, as in rules.
std::string unknown_name(const Condition& condition,
                         const std::vector<NamedDetection>& detections) {
  if (condition.kind == Condition::Kind::kName &&
      std::ranges::find(detections, condition.name, &NamedDetection::name) == detections.end()) {
    return condition.name;
  }
  for (const Condition& part : condition.parts) {
    std::string name = unknown_name(part, detections);
    if (!name.empty()) return name;
  }
  return {};
}

Parsed<std::vector<std::string>> read_rules(const Node& filter) {
  const Node* node = filter.find("rules");
  if (node == nullptr) {
    return refuse(position_of(filter),
                  "the filter has no `rules`; list ids or names of rules, or write any");
  }
  std::vector<std::string> rules;
  if (node->kind == NodeKind::kSequence) {
    for (const Node* element : node->elements) {
      if (!has_text(*element)) {
        return refuse(position_of(*element), "`rules` must hold ids or names of rules");
      }
      rules.emplace_back(element->text);
    }
  } else if (!has_text(*node)) {
    return refuse(position_of(*node), "`rules` must be any, or a list of ids or names of rules");
  } else if (folded(node->text) != "any") {
    rules.emplace_back(node->text);
  }
  return rules;
}

Parsed<Condition> read_condition(const Node& section, SigmaFilter& filter) {
  const Node* node = section.find("condition");
  if (node == nullptr || !has_text(*node)) {
    return refuse(position_of(node == nullptr ? section : *node),
                  "the filter needs one `condition`, written as text");
  }
  TRY(Condition condition, parse_condition(node->text, position_of(*node)));
  const std::string unknown = unknown_name(condition, filter.detections);
  if (!unknown.empty()) {
    return refuse(
        position_of(*node),
        fmt::format("the condition names '{}', which the filter does not define", unknown));
  }
  if (excludes_at_top(condition)) return condition;
  filter.warnings.push_back(
      {DiagnosticKind::kWarning,
       {filter.info.file, node->line, node->column, 0},
       fmt::format("the filter's condition '{}' is taken as what to leave out, as the "
                   "specification shows; other tools keep only that",
                   node->text),
       "write `not` before it, which every tool understands alike"});
  Condition negation;
  negation.kind = Condition::Kind::kNot;
  negation.position = condition.position;
  negation.parts.push_back(std::move(condition));
  return negation;
}

std::size_t count_values(const std::vector<Value>& values) {
  std::size_t count = values.size();
  for (const Value& value : values) count += count_values(value.alternatives);
  return count;
}

// parse_detection() has bounded the depth.
std::size_t count_values(const Detection& detection) {
  std::size_t count = 1;
  for (const FieldTest& test : detection.tests) count += 1 + count_values(test.values);
  for (const Detection& group : detection.groups) count += count_values(group);
  return count;
}

bool same_part(const std::string& wanted, const std::string& given) {
  return wanted.empty() || folded(wanted) == folded(given);
}

bool contains(const LogSource& filter, const LogSource& rule) {
  return same_part(filter.category, rule.category) && same_part(filter.product, rule.product) &&
         same_part(filter.service, rule.service);
}

bool lists(const SigmaFilter& filter, const SigmaRule& rule) {
  return filter.rules.empty() || std::ranges::any_of(filter.rules, [&](const std::string& name) {
           return folded(name) == folded(rule.info.id) ||
                  (!rule.info.name.empty() && name == rule.info.name);
         });
}

void rename(Condition& condition, const std::string& prefix) {
  if (condition.kind == Condition::Kind::kName) condition.name.insert(0, prefix);
  if (condition.kind == Condition::Kind::kSelector) {
    condition.name = condition.name == "them" ? prefix + "*" : prefix + condition.name;
  }
  for (Condition& part : condition.parts) rename(part, prefix);
}

// Names that start with `_` are private: only patterns that start with `_` see them.
std::string private_prefix(const SigmaRule& rule, std::size_t number) {
  std::string prefix = fmt::format("_filt_{}_", number);
  const auto taken = [&](const NamedDetection& detection) {
    return detection.name.starts_with(prefix);
  };
  while (std::ranges::any_of(rule.detections, taken)) prefix.insert(prefix.size() - 1, "x");
  return prefix;
}

void apply(const SigmaFilter& filter, std::size_t number, SigmaRule& rule) {
  const std::string prefix = private_prefix(rule, number);
  for (const NamedDetection& detection : filter.detections) {
    rule.detections.push_back(detection);
    rule.detections.back().name.insert(0, prefix);
  }
  Condition addition = filter.condition;
  rename(addition, prefix);
  for (Condition& condition : rule.conditions) {
    // Many filters make one long conjunction, not a deep one.
    if (condition.kind != Condition::Kind::kAnd) {
      Condition conjunction;
      conjunction.kind = Condition::Kind::kAnd;
      conjunction.position = condition.position;
      conjunction.parts.push_back(std::move(condition));
      condition = std::move(conjunction);
    }
    condition.parts.push_back(addition);
  }
}

}  // namespace

Parsed<SigmaFilter> parse_filter(const Node& root, const std::string& file, Budget& budget) {
  SigmaFilter filter;
  filter.position = position_of(root);
  if (const Node* twice = repeated_key(root); twice != nullptr) {
    return refuse(position_of(*twice), fmt::format("the key '{}' stands twice", twice->text));
  }
  const Node* section = root.find("filter");
  if (section == nullptr || section->kind != NodeKind::kMapping) {
    return refuse(section == nullptr ? filter.position : position_of(*section),
                  "`filter` must be a map with rules, detections and a condition");
  }
  if (const Node* twice = repeated_key(*section); twice != nullptr) {
    return refuse(position_of(*twice), fmt::format("the key '{}' stands twice", twice->text));
  }
  const Node* source = root.find("logsource");
  if (source == nullptr || source->kind != NodeKind::kMapping) {
    return refuse(source == nullptr ? filter.position : position_of(*source),
                  "the filter has no `logsource`; name the category, product or service of the "
                  "rules it is for");
  }
  filter.info = parse_info(root, file);
  filter.logsource = parse_log_source(root);
  TRY(filter.rules, read_rules(*section));
  for (const Member& member : section->members) {
    const Node& key = *member.key;
    if (key.kind != NodeKind::kScalar) {
      return refuse(position_of(key), "a list or map stands where a detection's name is expected");
    }
    if (key.text == "condition" || key.text == "rules") continue;
    NamedDetection named;
    named.name = key.text;
    named.position = position_of(key);
    TRY(named.detection, parse_detection(*member.value, budget));
    filter.detections.push_back(std::move(named));
  }
  if (filter.detections.empty()) {
    return refuse(position_of(*section), "the filter defines nothing but a condition");
  }
  TRY(filter.condition, read_condition(*section, filter));
  return filter;
}

void apply_filters(std::span<const SigmaFilter> filters, std::span<SigmaRule> rules, Budget& budget,
                   std::vector<Diagnostic>& warnings) {
  for (std::size_t number = 0; number < filters.size(); ++number) {
    const SigmaFilter& filter = filters[number];
    const Place place = {filter.info.file, filter.position.line, filter.position.column, 0};
    std::size_t cost = 0;
    for (const NamedDetection& detection : filter.detections) {
      cost += count_values(detection.detection);
    }
    std::size_t applied = 0;
    for (SigmaRule& rule : rules) {
      if (!contains(filter.logsource, rule.logsource) || !lists(filter, rule)) continue;
      if (!budget.take(cost)) {
        warnings.push_back({DiagnosticKind::kError, place,
                            fmt::format("too many values: the filter was applied to {} rules and "
                                        "not to those after them",
                                        applied),
                            "load fewer rules or make the filter smaller"});
        return;
      }
      apply(filter, number, rule);
      ++applied;
    }
    if (applied == 0) {
      warnings.push_back({DiagnosticKind::kWarning, place, "the filter applies to no rule",
                          "compare its `rules` and `logsource` with those of the rules"});
    }
  }
}

}  // namespace vedette::rules::sigma
