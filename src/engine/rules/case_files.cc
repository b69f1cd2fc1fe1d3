// SPDX-License-Identifier: Apache-2.0
#include "engine/rules/case_files.h"

#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "base/file.h"
#include "base/json_writer.h"

namespace vedette::engine {
namespace {

using formats::yaml::Document;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

std::string place_of(const std::string& path, const Node& node) {
  return fmt::format("{}:{}:{}", path, node.line, node.column);
}

std::unexpected<Error> wrong(const std::string& path, const Node& node, const std::string& what) {
  return failure(ErrorCode::kInvalid, place_of(path, node) + ": " + what);
}

// JSON's grammar of numbers is narrower than YAML's (".5", "1_000", "+1").
bool is_json_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool leads = !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
  return error == std::errc() && stop == end && leads && !text.ends_with('.');
}

void append_scalar(const Node& node, std::string& out) {
  switch (formats::yaml::scalar_type(node)) {
    case ScalarType::kNull:
      out += "null";
      return;
    case ScalarType::kBoolean:
      out += formats::yaml::boolean_of(node) ? "true" : "false";
      return;
    case ScalarType::kInteger:
      out += formats::yaml::decimal_of(node);
      return;
    case ScalarType::kFloat:
      if (is_json_number(node.text)) {
        out += node.text;
        return;
      }
      break;
    case ScalarType::kString:
    case ScalarType::kTimestamp:
      break;
  }
  append_json_string(node.text, out);
}

// Recursion ends at limits.depth_max.
Result<void> append_json(const Node& node, const Limits& limits, std::size_t depth,
                         std::string& out) {
  if (depth > limits.depth_max || out.size() > limits.record_bytes_max) {
    return failure(ErrorCode::kLimit,
                   fmt::format("expected an event of at most {} levels and {} bytes, found more",
                               limits.depth_max, limits.record_bytes_max));
  }
  if (node.kind == NodeKind::kScalar) {
    append_scalar(node, out);
    return {};
  }
  const bool mapping = node.kind == NodeKind::kMapping;
  std::string_view separator = mapping ? "{" : "[";
  const std::size_t count = mapping ? node.members.size() : node.elements.size();
  if (count == 0) out += separator;
  for (std::size_t i = 0; i < count; ++i) {
    out += separator;
    separator = ",";
    if (mapping) {
      append_json_string(node.members[i].key->text, out);
      out += ':';
    }
    TRY_VOID(
        append_json(mapping ? *node.members[i].value : *node.elements[i], limits, depth + 1, out));
  }
  out += mapping ? '}' : ']';
  return {};
}

// An entry of `events:`: `event:` (a mapping) or `line:` (raw text, one record or several lines).
Result<CaseEvent> read_event(const Node& node, const std::string& path, const Limits& limits) {
  if (node.kind != NodeKind::kMapping) {
    return wrong(path, node, "expected a mapping with event: or line:, found something else");
  }
  CaseEvent event;
  event.line = node.line;
  for (const auto& [key, value] : node.members) {
    if (key->text == "event" && value->kind == NodeKind::kMapping) {
      TRY(event.text, json_of(*value, limits));
      event.text += '\n';
    } else if (key->text == "line" && value->kind == NodeKind::kScalar) {
      event.text = value->text;
      if (!event.text.ends_with('\n')) event.text += '\n';
    } else if (key->text == "match" && formats::yaml::scalar_type(*value) == ScalarType::kBoolean) {
      event.match = formats::yaml::boolean_of(*value);
    } else if (key->text == "name") {
      event.name = value->text;
    } else {
      return wrong(path, *key,
                   fmt::format("expected match: (true or false), name:, event: (a mapping) or "
                               "line: (text), found '{}'",
                               key->text));
    }
  }
  if (event.text.empty()) return wrong(path, node, "expected event: or line:, found neither");
  return event;
}

Result<CaseSequence> read_sequence(const Node& node, const std::string& path,
                                   const Limits& limits) {
  const Node* alerts = node.find("alerts");
  const Node* events = node.find("events");
  if (alerts == nullptr || events == nullptr || events->kind != NodeKind::kSequence) {
    return wrong(path, node, "expected alerts: (a number) and events: (a list) in a sequence");
  }
  CaseSequence sequence;
  sequence.line = node.line;
  if (const Node* name = node.find("name")) sequence.name = name->text;
  const std::string_view count = alerts->text;
  const auto [end, error] =
      std::from_chars(count.data(), count.data() + count.size(), sequence.alerts);
  if (error != std::errc() || end != count.data() + count.size()) {
    return wrong(path, *alerts, fmt::format("expected a number of alerts, found '{}'", count));
  }
  for (const Node* element : events->elements) {
    TRY(const CaseEvent event, read_event(*element, path, limits));
    sequence.text += event.text;
  }
  return sequence;
}

Result<CaseFile> read_case(const Node& root, const std::string& path, const Limits& limits) {
  CaseFile file;
  file.path = path;
  file.rule_file = path.substr(0, path.size() - std::min(path.size(), kCaseSuffix.size())) + ".yml";
  for (const auto& [key, value] : root.members) {
    if (key->text == "rule") {
      file.rule = value->text;
    } else if (key->text == "events" && value->kind == NodeKind::kSequence) {
      for (const Node* element : value->elements) {
        if (element->kind == NodeKind::kMapping && element->find("match") == nullptr) {
          return wrong(path, *element, "expected match: true or match: false, found neither");
        }
        TRY(CaseEvent event, read_event(*element, path, limits));
        file.events.push_back(std::move(event));
      }
    } else if (key->text == "sequences" && value->kind == NodeKind::kSequence) {
      for (const Node* element : value->elements) {
        TRY(CaseSequence sequence, read_sequence(*element, path, limits));
        file.sequences.push_back(std::move(sequence));
      }
    } else {
      return wrong(
          path, *key,
          fmt::format("expected rule:, events: (a list) or sequences: (a list), found '{}'",
                      key->text));
    }
  }
  if (file.events.empty() && file.sequences.empty()) {
    return wrong(path, root, "expected at least one event or sequence, found none");
  }
  return file;
}

}  // namespace

Result<std::string> json_of(const Node& node, const Limits& limits) {
  std::string out;
  TRY_VOID(append_json(node, limits, 1, out));
  return out;
}

Result<std::vector<CaseFile>> parse_case_file(std::string_view text, const std::string& path,
                                              const Limits& limits) {
  TRY(const Document document, Document::parse(text, limits));
  if (!document.errors().empty()) {
    const auto& error = document.errors().front();
    return failure(ErrorCode::kInvalid,
                   fmt::format("{}:{}:{}: {}", path, error.line, error.column, error.message));
  }
  std::vector<CaseFile> cases;
  for (const Node* root : document.roots()) {
    if (root->kind != NodeKind::kMapping) {
      return wrong(path, *root, "expected YAML mappings in a case file, found something else");
    }
    TRY(CaseFile one, read_case(*root, path, limits));
    cases.push_back(std::move(one));
  }
  if (cases.empty()) {
    return failure(ErrorCode::kInvalid, path + ": expected a YAML mapping in a case file");
  }
  return cases;
}

Result<std::vector<CaseFile>> read_case_file(const std::string& path, const Limits& limits) {
  TRY(const std::string text, read_file(path, limits.file_bytes_max));
  return parse_case_file(text, path, limits);
}

}  // namespace vedette::engine
