// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/rule.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

// Top-level keys with a place of their own; the others are attributes.
constexpr std::array<std::string_view, 20> kKnownKeys = {
    "action",  "author", "date",    "description", "detection", "falsepositives", "fields",
    "id",      "level",  "license", "logsource",   "modified",  "name",           "references",
    "related", "scope",  "status",  "tags",        "taxonomy",  "title"};
static_assert(std::ranges::is_sorted(kKnownKeys));

bool has_text(const Node& node) {
  return node.kind == NodeKind::kScalar && scalar_type(node) != ScalarType::kNull;
}

void add_attributes(const Node& root, SigmaRule& rule) {
  for (const Member& member : root.members) {
    if (member.key->kind == NodeKind::kScalar && has_text(*member.value) &&
        !std::ranges::binary_search(kKnownKeys, member.key->text)) {
      rule.attributes.emplace(member.key->text, member.value->text);
    }
  }
  const Node* source = root.find("logsource");
  if (source == nullptr) return;
  for (const Member& member : source->members) {
    const std::string_view key = member.key->text;
    if (has_text(*member.value) && key != "category" && key != "product" && key != "service" &&
        key != "definition") {
      rule.logsource_attributes.emplace(key, member.value->text);
    }
  }
}

Parsed<void> add_detections(const Node& detections, SigmaRule& rule, Budget& budget) {
  rule.detections.reserve(detections.members.size());
  for (const Member& member : detections.members) {
    const Node& key = *member.key;
    if (key.kind != NodeKind::kScalar) {
      return refuse(position_of(key), "a list or map stands where a detection's name is expected");
    }
    // Before specification 2 `timeframe` belonged to conditions with aggregations.
    if (key.text == "condition" || key.text == "timeframe") continue;
    NamedDetection named;
    named.name = key.text;
    named.position = position_of(key);
    TRY(named.detection, parse_detection(*member.value, budget));
    rule.detections.push_back(std::move(named));
  }
  return {};
}

}  // namespace

std::string text_of(const Node& root, std::string_view key) {
  const Node* node = root.find(key);
  return node != nullptr && has_text(*node) ? std::string(node->text) : std::string();
}

std::vector<std::string> texts_of(const Node& root, std::string_view key) {
  std::vector<std::string> texts;
  const Node* node = root.find(key);
  if (node == nullptr) return texts;
  if (has_text(*node)) texts.emplace_back(node->text);
  texts.reserve(node->elements.size());
  for (const Node* element : node->elements) {
    if (has_text(*element)) texts.emplace_back(element->text);
  }
  return texts;
}

std::string label_of(const Node& root) {
  std::string id = text_of(root, "id");
  return id.empty() ? text_of(root, "title") : id;
}

LogSource parse_log_source(const Node& root) {
  const Node* source = root.find("logsource");
  if (source == nullptr) return {};
  return {text_of(*source, "category"), text_of(*source, "product"), text_of(*source, "service")};
}

std::string log_source_name(const LogSource& source) {
  return fmt::format("{}/{}/{}", source.product, source.category, source.service);
}

event::RuleInfo parse_info(const Node& root, const std::string& file) {
  event::RuleInfo info;
  info.title = text_of(root, "title");
  info.name = text_of(root, "name");
  info.id = text_of(root, "id");
  if (info.id.empty()) info.id = info.name.empty() ? info.title : info.name;
  info.description = text_of(root, "description");
  info.status = text_of(root, "status");
  info.author = text_of(root, "author");
  info.date = text_of(root, "date");
  const std::string level = text_of(root, "level");
  const auto found = std::ranges::find(event::kLevelNames, level);
  if (found != event::kLevelNames.end()) {
    info.level = static_cast<event::Level>(found - event::kLevelNames.begin());
  }
  info.tags = texts_of(root, "tags");
  info.references = texts_of(root, "references");
  info.false_positives = texts_of(root, "falsepositives");
  info.file = file;
  info.line = root.line;
  return info;
}

Parsed<SigmaRule> parse_rule(const Node& root, const std::string& file, Budget& budget) {
  SigmaRule rule;
  rule.position = position_of(root);
  if (const Node* twice = repeated_key(root); twice != nullptr) {
    return refuse(position_of(*twice), fmt::format("the key '{}' stands twice", twice->text));
  }
  const Node* detections = root.find("detection");
  if (detections == nullptr) return refuse(rule.position, "the rule has no `detection`");
  if (detections->kind != NodeKind::kMapping) {
    return refuse(position_of(*detections), "`detection` must be a map");
  }
  if (const Node* twice = repeated_key(*detections); twice != nullptr) {
    return refuse(position_of(*twice),
                  fmt::format("the detection '{}' is defined twice", twice->text));
  }
  const Node* condition = detections->find("condition");
  if (condition == nullptr) {
    return refuse(position_of(*detections), "`detection` has no `condition`");
  }
  rule.condition_position = position_of(*condition);
  TRY(rule.conditions, parse_conditions(*condition));
  TRY_VOID(add_detections(*detections, rule, budget));
  if (rule.detections.empty()) {
    return refuse(position_of(*detections), "`detection` defines nothing but a condition");
  }
  rule.info = parse_info(root, file);
  rule.logsource = parse_log_source(root);
  rule.info.logsource = log_source_name(rule.logsource);
  rule.fields = texts_of(root, "fields");
  if (const std::string taxonomy = text_of(root, "taxonomy"); !taxonomy.empty()) {
    rule.taxonomy = taxonomy;
  }
  add_attributes(root, rule);
  return rule;
}

}  // namespace vedette::rules::sigma
