// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/yaml_values.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/unicode.h"

namespace vedette::rules::falco {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

// Of values in an exception: a tuple, and lists in it.
constexpr std::size_t kEntryDepthMax = 3;

std::unexpected<Problem> wrong(std::string_view key, std::string_view what) {
  return refuse(fmt::format("the key '{}' {}", key, what), std::string(key));
}

Parsed<const Node*> scalar(const Node& node, std::string_view key) {
  const Node* const value = node.find(key);
  if (value == nullptr) return nullptr;
  if (value->kind != NodeKind::kScalar) return wrong(key, "must be a text, found a list or map");
  if (value->text.empty()) return wrong(key, "is empty");
  return value;
}

Parsed<Entry> read_entry(const Node& node, std::string_view key, std::size_t depth) {
  Entry entry;
  entry.given = true;
  if (node.kind == NodeKind::kScalar) {
    if (node.text.empty()) return wrong(key, "holds an empty text");
    entry.text = node.text;
    return entry;
  }
  if (node.kind == NodeKind::kMapping) return wrong(key, "must hold texts and lists, found a map");
  if (depth == kEntryDepthMax) return wrong(key, "is nested too deep");
  entry.is_list = true;
  for (const Node* element : node.elements) {
    TRY(Entry inner, read_entry(*element, key, depth + 1));
    entry.entries.push_back(std::move(inner));
  }
  return entry;
}

Parsed<ExceptionItem> read_exception(const Node& node, const std::string& file) {
  if (node.kind != NodeKind::kMapping) return wrong("exceptions", "must be a list of maps");
  ExceptionItem exception;
  TRY(const Written name, required_text(node, "name", file));
  exception.name = name.text;
  exception.place = place_of(node, file);
  if (const Node* fields = node.find("fields")) {
    TRY(exception.fields, read_entry(*fields, "fields", 1));
  }
  if (const Node* comparisons = node.find("comps")) {
    TRY(exception.comparisons, read_entry(*comparisons, "comps", 1));
  }
  const Node* const values = node.find("values");
  if (values == nullptr) return exception;
  TRY(Entry entry, read_entry(*values, "values", 0));
  if (!entry.is_list) return wrong("values", "must be a list");
  exception.values = std::move(entry.entries);
  return exception;
}

}  // namespace

Place place_of(const Node& node, const std::string& file) {
  return {file, node.line, node.column, 0};
}

Parsed<Written> required_text(const Node& node, std::string_view key, const std::string& file) {
  TRY(const Node* value, scalar(node, key));
  if (value == nullptr) return refuse(fmt::format("the key '{}' is missing", key));
  return Written{std::string(value->text), place_of(*value, file)};
}

Parsed<std::optional<std::string>> optional_text(const Node& node, std::string_view key) {
  TRY(const Node* value, scalar(node, key));
  if (value == nullptr) return std::nullopt;
  return std::string(value->text);
}

Parsed<std::optional<bool>> optional_boolean(const Node& node, std::string_view key) {
  TRY(const Node* value, scalar(node, key));
  if (value == nullptr) return std::nullopt;
  // In quotes as well.
  constexpr std::array<std::string_view, 4> kTrue = {"true", "yes", "on", "y"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "no", "off", "n"};
  const std::string folded = fold_case(value->text);
  const bool yes = std::ranges::find(kTrue, folded) != kTrue.end();
  if (!yes && std::ranges::find(kFalse, folded) == kFalse.end()) {
    return wrong(key, fmt::format("must be true or false, found '{}'", value->text));
  }
  return yes;
}

Parsed<std::optional<std::vector<std::string>>> optional_texts(const Node& node,
                                                               std::string_view key) {
  const Node* const value = node.find(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind != NodeKind::kSequence) return wrong(key, "must be a list");
  std::vector<std::string> texts;
  for (const Node* element : value->elements) {
    if (element->kind != NodeKind::kScalar) return wrong(key, "must be a list of texts");
    texts.emplace_back(element->text);
  }
  return texts;
}

Parsed<std::vector<ExceptionItem>> read_exceptions(const Node& node, const std::string& file) {
  std::vector<ExceptionItem> exceptions;
  const Node* const value = node.find("exceptions");
  if (value == nullptr) return exceptions;
  const bool nothing =
      value->kind == NodeKind::kScalar && formats::yaml::scalar_type(*value) == ScalarType::kNull;
  if (nothing) return exceptions;
  if (value->kind != NodeKind::kSequence) return wrong("exceptions", "must be a list");
  for (const Node* element : value->elements) {
    TRY(ExceptionItem exception, read_exception(*element, file));
    exceptions.push_back(std::move(exception));
  }
  return exceptions;
}

}  // namespace vedette::rules::falco
