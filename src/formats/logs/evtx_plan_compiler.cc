// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_plan_compiler.h"

#include <algorithm>

#include "base/hash.h"

namespace vedette::formats::logs::evtx {
namespace {

using event::FieldTree;
using event::Kind;
using event::Value;

constexpr std::uint64_t kElementKeys = 0;
constexpr std::uint64_t kDataKeys = 1;
constexpr std::uint16_t kNoDependency = 0xFFFF;

}  // namespace

void PlanCompiler::compile(const PlanPlace& place, std::string_view outer_text) {
  collect_text(outer_text);
  infos_.assign(xml_.size(), Info());
  infos_[0].node = place.node;
  // Parents stand before their children, so one pass suffices.
  for (std::uint32_t index = 1; index < xml_.size() && !plan_.irregular; ++index) {
    const XmlNode& node = xml_[index];
    if (node.kind != XmlNode::Kind::kElement) continue;
    const Info parent = infos_[node.parent];
    if (node.parent == 0) {
      compile_root(place, node, index);
    } else if (parent.data_keys != DataKeys::kOrdinary && node.name == "Data") {
      compile_data(index, node, parent);
    } else {
      compile_ordinary(index, node, parent);
    }
  }
  // Text or values outside of any element would become mixed content of the element around; no
  // element at all is a sign of damage.
  const Content outermost = content_of(xml_[0].first_child);
  if (outermost.texts + outermost.substitutions != 0 || outermost.elements == 0) {
    plan_.irregular = true;
  }
  finish_steps();
}

void PlanCompiler::finish_steps() {
  auto& required = plan_.required;
  std::sort(required.begin(), required.end());
  required.erase(std::unique(required.begin(), required.end()), required.end());
  for (PlanStep& step : plan_.steps) {
    const bool plain = !step.append && !step.among_elements && step.text_target_count == 0;
    if (step.kind == PlanStep::Kind::kGeneral && plain && step.target_count == 1) {
      step.kind = PlanStep::Kind::kOne;
    }
    const bool idle = step.kind == PlanStep::Kind::kGeneral && plain && step.target_count == 0;
    if (!idle) plan_.busy.push_back(step);
  }
}

bool PlanCompiler::has_targets(Node node) const {
  return node != FieldTree::kNone && !tree_.targets(node).empty();
}

bool PlanCompiler::wanted(Node node) const {
  return node != FieldTree::kNone && (tree_.has_children(node) || !tree_.targets(node).empty());
}

FieldTree::Node PlanCompiler::child(Node node, std::string_view key) const {
  return node == FieldTree::kNone ? FieldTree::kNone : tree_.child(node, key);
}

PlanCompiler::Content PlanCompiler::content_of(std::uint32_t first) const {
  Content content;
  for (std::uint32_t at = first; at != 0; at = xml_[at].next) {
    const XmlNode& node = xml_[at];
    if (node.kind == XmlNode::Kind::kElement) ++content.elements;
    if (node.kind == XmlNode::Kind::kText && node.value.size != 0) ++content.texts;
    if (node.kind == XmlNode::Kind::kSubstitution) {
      ++content.substitutions;
      content.substitution = node.substitution;
    }
  }
  return content;
}

std::uint32_t PlanCompiler::name_pieces(const XmlNode& element) const {
  for (std::uint32_t at = element.first_attribute; at != 0; at = xml_[at].next) {
    if (xml_[at].name == "Name") return xml_[at].first_child;
  }
  return 0;
}

std::uint32_t PlanCompiler::repetition(std::uint32_t parent, std::string_view name,
                                       std::uint64_t kind) {
  return seen_[hash_bytes(name, std::uint64_t{parent} * 2 + kind)]++;
}

void PlanCompiler::compile_root(const PlanPlace& place, const XmlNode& element,
                                std::uint32_t index) {
  const auto& siblings = place.siblings;
  const bool repeated = std::find(siblings.begin(), siblings.end(), element.name) != siblings.end();
  if (repeated || (place.data_container && element.name == "Data")) {
    plan_.irregular = true;
    return;
  }
  compile_ordinary(index, element, infos_[0]);
}

void PlanCompiler::compile_ordinary(std::uint32_t index, const XmlNode& element, Info parent) {
  std::string key(element.name);
  const std::uint32_t count = repetition(element.parent, element.name, kElementKeys);
  if (count != 0) {
    key += "_" + std::to_string(count);
    if (wanted(parent.node)) require_all(element.parent);
  }
  compile_element(index, element, child(parent.node, key));
}

void PlanCompiler::compile_element(std::uint32_t index, const XmlNode& element, Node node) {
  infos_[index].node = node;
  infos_[index].data_keys = data_keys(element, node);
  if (wanted(node)) compile_attributes(element, node);
  const Content content = content_of(element.first_child);
  if (content.elements == 0) {
    compile_leaf(index, element, node, content);
    return;
  }
  if (wanted(node)) {
    add_static(node, event::plain({}, Kind::kStructure));
    compile_dependency(element, content, nullptr);
  }
  if (has_targets(node)) require_an_element(element);
  if (content.substitutions + content.texts == 0) return;
  if (content.substitutions == 1 && content.texts == 0) {
    const std::uint32_t place = add_place(index, element, node);
    PlanStep& step = add_step(content.substitution);
    step.place = place;
    step.among_elements = true;
  } else if (wanted(node)) {
    plan_.irregular = true;
  }
}

// The numbers of elements of one name depend on which of them are left out.
void PlanCompiler::require_all(std::uint32_t parent) {
  if (infos_[parent].all_required) return;
  infos_[parent].all_required = true;
  for (std::uint32_t at = xml_[parent].first_child; at != 0; at = xml_[at].next) {
    const XmlNode& node = xml_[at];
    if (node.kind == XmlNode::Kind::kElement && node.dependency != kNoDependency) {
      plan_.required.push_back(node.dependency);
    }
  }
}

// Without any element that is not left out, the one around would be no object.
void PlanCompiler::require_an_element(const XmlNode& element) {
  const std::size_t before = plan_.required.size();
  for (std::uint32_t at = element.first_child; at != 0; at = xml_[at].next) {
    if (xml_[at].kind != XmlNode::Kind::kElement) continue;
    if (xml_[at].dependency == kNoDependency) {
      plan_.required.resize(before);
      return;
    }
    plan_.required.push_back(xml_[at].dependency);
  }
}

// An element without elements.
void PlanCompiler::compile_leaf(std::uint32_t index, const XmlNode& element, Node node,
                                const Content& content) {
  bool attributes = false;
  bool varying = false;
  for (std::uint32_t at = element.first_attribute; at != 0; at = xml_[at].next) {
    const Content value = content_of(xml_[at].first_child);
    attributes = attributes || value.texts != 0;
    varying = varying || value.substitutions != 0;
  }
  varying = varying && !attributes;  // whether there are attributes depends on the event
  const Node text_node = child(node, "#text");
  if (attributes) add_static(node, event::plain({}, Kind::kStructure));
  if (content.substitutions > 1 || (content.substitutions == 1 && content.texts != 0)) {
    if (wanted(node)) plan_.irregular = true;
    return;
  }
  if (content.substitutions == 0) {
    if (wanted(node)) compile_dependency(element, content, nullptr);
    const Value text = static_text(element.first_child);
    if (text.kind != Kind::kAbsent) {
      add_static(node, text);
      if (attributes) add_static(text_node, text);
      if (varying && has_targets(text_node)) plan_.irregular = true;
      return;
    }
    if (!varying) {
      if (!attributes) add_static(node, event::plain({}, Kind::kNull));
      return;
    }
    if (!has_targets(node)) return;
  }
  // A step even when nothing is wanted here: the value may be embedded XML, whose text counts.
  const bool any = content.substitutions != 0;
  const std::uint32_t place = any ? add_place(index, element, node) : PlanStep::kNoPlace;
  PlanStep& step = add_step(any ? content.substitution : PlanStep::kNoSubstitution);
  step.content = true;
  step.place = place;
  add_targets(step, node);
  if (attributes) add_targets(step, text_node);
  if (varying) add_attribute_values(step, element, text_node);
  if (!attributes) step.when_empty = PlanStep::WhenEmpty::kNull;
  if (any && wanted(node)) compile_dependency(element, content, &step);
}

// What the attributes say decides where the text of the step's element stands.
void PlanCompiler::add_attribute_values(PlanStep& step, const XmlNode& element, Node text_node) {
  step.first_attribute = static_cast<std::uint32_t>(plan_.attributes.size());
  for (std::uint32_t at = element.first_attribute; at != 0; at = xml_[at].next) {
    for (std::uint32_t piece = xml_[at].first_child; piece != 0; piece = xml_[piece].next) {
      const XmlNode& node = xml_[piece];
      if (node.kind == XmlNode::Kind::kSubstitution) plan_.attributes.push_back(node.substitution);
    }
  }
  step.attribute_count = static_cast<std::uint32_t>(plan_.attributes.size()) - step.first_attribute;
  if (text_node == FieldTree::kNone) return;
  const auto targets = tree_.targets(text_node);
  plan_.targets.insert(plan_.targets.end(), targets.begin(), targets.end());
  step.text_target_count = static_cast<std::uint32_t>(targets.size());
}

// MS-EVEN6: an element is left out when the value it depends on is null.
void PlanCompiler::compile_dependency(const XmlNode& element, const Content& content,
                                      PlanStep* step) {
  if (element.dependency == kNoDependency) return;
  if (step != nullptr && content.substitution == element.dependency &&
      element.first_attribute == 0) {
    step->null_leaves_out = true;
  } else {
    plan_.required.push_back(element.dependency);
  }
}

void PlanCompiler::compile_data(std::uint32_t index, const XmlNode& element, Info parent) {
  const Content content = content_of(element.first_child);
  Node node = FieldTree::kNone;
  Node text_node = FieldTree::kNone;
  if (parent.data_keys == DataKeys::kPositional) {
    node = child(parent.node, "Data");
    text_node = child(node, "#text");
  } else {
    const Value name = static_text(name_pieces(element));
    if (name.kind == Kind::kAbsent) return;
    node = child(parent.node, name.bytes());
    if (repetition(element.parent, name.bytes(), kDataKeys) != 0 && wanted(parent.node)) {
      plan_.irregular = true;
    }
  }
  infos_[index].node = node;
  const bool any = wanted(node) || wanted(text_node);
  if (content.elements != 0 || content.substitutions > 1 ||
      (content.substitutions == 1 && content.texts != 0)) {
    plan_.irregular = plan_.irregular || any;
    return;
  }
  const bool append = parent.data_keys == DataKeys::kPositional;
  if (content.substitutions == 0) {
    // Static nameless data would have to keep its place among the others.
    if (append && any) plan_.irregular = true;
    if (any) compile_dependency(element, content, nullptr);
    const Value text = static_text(element.first_child);
    add_static(node, text.kind == Kind::kAbsent ? event::plain({}) : text);
    return;
  }
  if (!any) return;
  PlanStep& step = add_step(content.substitution);
  step.content = true;
  step.append = append;
  step.when_empty = PlanStep::WhenEmpty::kEmptyText;
  add_targets(step, node);
  if (append) add_targets(step, text_node);
  compile_dependency(element, content, &step);
}

void PlanCompiler::compile_attributes(const XmlNode& element, Node node) {
  const Node attributes = child(node, "#attributes");
  if (!wanted(attributes)) return;
  for (std::uint32_t at = element.first_attribute; at != 0; at = xml_[at].next) {
    const Node target = child(attributes, xml_[at].name);
    if (!has_targets(target)) continue;
    const Content content = content_of(xml_[at].first_child);
    if (content.substitutions == 0) {
      const Value text = static_text(xml_[at].first_child);
      if (text.kind != Kind::kAbsent) add_static(target, text);
    } else if (content.substitutions == 1 && content.texts == 0) {
      add_targets(add_step(content.substitution), target);
    } else {
      plan_.irregular = true;
    }
  }
}

PlanCompiler::DataKeys PlanCompiler::data_keys(const XmlNode& element, Node node) {
  if (!is_data_container(element.name)) return DataKeys::kOrdinary;
  DataKeys keys = DataKeys::kPositional;
  for (std::uint32_t at = element.first_child; at != 0; at = xml_[at].next) {
    if (xml_[at].kind != XmlNode::Kind::kElement || xml_[at].name != "Data") continue;
    const Content name = content_of(name_pieces(xml_[at]));
    if (name.substitutions != 0 && wanted(node)) plan_.irregular = true;
    if (name.texts != 0) keys = DataKeys::kNamed;
  }
  return keys;
}

std::uint32_t PlanCompiler::add_place(std::uint32_t index, const XmlNode& element, Node node) {
  PlanPlace place;
  place.node = node;
  place.element = index;
  place.data_container = is_data_container(element.name);
  for (std::uint32_t at = element.first_child; at != 0; at = xml_[at].next) {
    if (xml_[at].kind == XmlNode::Kind::kElement) place.siblings.emplace_back(xml_[at].name);
  }
  plan_.places.push_back(std::move(place));
  return static_cast<std::uint32_t>(plan_.places.size() - 1);
}

PlanStep& PlanCompiler::add_step(std::uint16_t substitution) {
  PlanStep step;
  step.substitution = substitution;
  step.first_target = static_cast<std::uint32_t>(plan_.targets.size());
  plan_.steps.push_back(step);
  return plan_.steps.back();
}

// Only for the step added last.
void PlanCompiler::add_targets(PlanStep& step, Node node) {
  if (node == FieldTree::kNone) return;
  const auto targets = tree_.targets(node);
  if (step.target_count == 0 && !targets.empty()) step.target = targets.front();
  plan_.targets.insert(plan_.targets.end(), targets.begin(), targets.end());
  step.target_count += static_cast<std::uint32_t>(targets.size());
}

void PlanCompiler::add_static(Node node, Value value) {
  if (node == FieldTree::kNone) return;
  for (const FieldTree::Target& target : tree_.targets(node)) {
    value.rank = target.rank;
    PlanStep step;
    step.kind = PlanStep::Kind::kStatic;
    step.first_target = static_cast<std::uint32_t>(plan_.statics.size());
    plan_.steps.push_back(step);
    plan_.statics.push_back({target.slot, value});
  }
}

// As UTF-8 in the arena of the plans.
Value PlanCompiler::static_text(std::uint32_t first) {
  Value value = join_pieces(xml_, first, scratch_);
  if (value.kind == Kind::kAbsent) return value;
  const Kind kind = value.kind;
  return event::plain(texts_.copy(event::text_of(value, scratch_)), kind);
}

void PlanCompiler::collect_text(std::string_view outer_text) {
  std::string text(outer_text);
  for (std::uint32_t index = 1; index < xml_.size(); ++index) {
    if (xml_[index].kind != XmlNode::Kind::kText || xml_[index].value.size == 0) continue;
    if (!text.empty()) text += '\n';
    text += event::text_of(xml_[index].value, scratch_);
  }
  plan_.static_text = texts_.copy(text);
}

}  // namespace vedette::formats::logs::evtx
