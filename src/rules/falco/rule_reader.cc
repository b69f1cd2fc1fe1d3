// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/rule_reader.h"

#include <fmt/format.h>

#include "rules/falco/priorities.h"

namespace vedette::rules::falco {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;

const Keys kAppendable = {"condition", "output", "desc", "tags", "exceptions"};
const Keys kReplaceable = {"condition",
                           "output",
                           "desc",
                           "priority",
                           "capture",
                           "capture_duration",
                           "tags",
                           "exceptions",
                           "enabled",
                           "warn_evttypes",
                           "skip-if-unknown-filter",
                           "action"};

// The `source` of a rule is optional and may be left empty.
std::string source_of(const Node& node) {
  const Node* const value = node.find("source");
  return value == nullptr ? std::string() : std::string(value->text);
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return std::string(text.substr(start, text.find_last_not_of(kBlanks) - start + 1));
}

Parsed<std::size_t> read_priority(const Node& node, const std::string& file) {
  TRY(const Written text, required_text(node, "priority", file));
  const auto priority = parse_priority(text.text);
  if (priority) return *priority;
  return refuse(fmt::format("expected a priority (emergency, alert, critical, error, warning, "
                            "notice, informational, debug), found '{}'",
                            text.text),
                text.text);
}

// What to do with what the rule matches: `block`, or `alert`, which is what all do.
Parsed<bool> read_action(const Node& node) {
  TRY(const auto text, optional_text(node, "action"));
  if (!text || *text == "alert") return false;
  if (*text == "block") return true;
  return refuse(fmt::format("expected block or alert for 'action', found '{}'", *text), *text);
}

Parsed<std::set<std::string>> read_tags(const Node& node) {
  TRY(auto tags, optional_texts(node, "tags"));
  if (!tags) return std::set<std::string>();
  return std::set<std::string>(tags->begin(), tags->end());
}

void warn_repeated(const std::vector<ExceptionItem>& exceptions, Reading& reading) {
  std::set<std::string_view> names;
  for (const ExceptionItem& exception : exceptions) {
    if (names.insert(exception.name).second) continue;
    reading.warnings.push_back(
        {DiagnosticKind::kWarning, exception.place,
         fmt::format("the rule has several exceptions called '{}'", exception.name),
         "give each a name of its own"});
  }
}

Parsed<void> define(const Node& node, const std::string& name, const std::string& file,
                    Reading& reading) {
  RuleItem rule;
  rule.name = name;
  rule.place = place_of(node, file);
  TRY(rule.condition, required_text(node, "condition", file));
  TRY(rule.output, required_text(node, "output", file));
  rule.output.text = trimmed(rule.output.text);
  TRY(const Written description, required_text(node, "desc", file));
  rule.description = description.text;
  TRY(rule.priority, read_priority(node, file));
  rule.source = source_of(node);
  if (rule.source.empty()) rule.source = "syscall";
  TRY(rule.tags, read_tags(node));
  TRY(rule.exceptions, read_exceptions(node, file));
  warn_repeated(rule.exceptions, reading);
  TRY(const auto enabled, optional_boolean(node, "enabled"));
  TRY(const auto warn, optional_boolean(node, "warn_evttypes"));
  TRY(const auto skip, optional_boolean(node, "skip-if-unknown-filter"));
  rule.enabled = enabled.value_or(true);
  rule.warn_event_types = warn.value_or(true);
  rule.skip_if_unknown = skip.value_or(false);
  TRY(rule.block, read_action(node));
  return reading.items.define(std::move(rule));
}

// The parts of the node that are named in `keys`.
Parsed<RuleChange> read_change(const Node& node, const std::string& name, const std::string& file,
                               const std::set<std::string, std::less<>>& keys) {
  const auto wanted = [&keys](std::string_view key) { return keys.contains(key); };
  RuleChange change;
  change.name = name;
  change.place = place_of(node, file);
  change.source = source_of(node);
  if (wanted("condition")) {
    TRY(change.condition, required_text(node, "condition", file));
  }
  if (wanted("output")) {
    TRY(change.output, required_text(node, "output", file));
  }
  if (wanted("desc")) {
    TRY(change.description, optional_text(node, "desc"));
  }
  if (wanted("tags")) {
    TRY(change.tags, read_tags(node));
  }
  if (wanted("exceptions")) {
    TRY(change.exceptions, read_exceptions(node, file));
  }
  if (wanted("priority")) {
    TRY(change.priority, read_priority(node, file));
  }
  if (wanted("enabled")) {
    TRY(change.enabled, optional_boolean(node, "enabled"));
  }
  if (wanted("warn_evttypes")) {
    TRY(change.warn_event_types, optional_boolean(node, "warn_evttypes"));
  }
  if (wanted("skip-if-unknown-filter")) {
    TRY(change.skip_if_unknown, optional_boolean(node, "skip-if-unknown-filter"));
  }
  if (wanted("action")) {
    TRY(change.block, read_action(node));
  }
  return change;
}

Parsed<void> override_rule(const Node& node, const std::string& name, const std::string& file,
                           const Overrides& overrides, Reading& reading) {
  for (const std::string_view key : kReplaceable) {
    const bool named = overrides.append.contains(key) || overrides.replace.contains(key);
    const bool stands = node.find(key) != nullptr;
    if (named && !stands) {
      return refuse(fmt::format("the override of '{}' has no '{}' beside it", key, key),
                    std::string(key));
    }
    if (stands && !named) {
      return refuse(fmt::format("the key '{}' has no entry in 'override'", key), std::string(key));
    }
  }
  if (!overrides.append.empty()) {
    TRY(RuleChange change, read_change(node, name, file, overrides.append));
    TRY_VOID(reading.items.append(std::move(change)));
  }
  if (overrides.replace.empty()) return {};
  TRY(RuleChange change, read_change(node, name, file, overrides.replace));
  return reading.items.replace(std::move(change));
}

Parsed<void> append_rule(const Node& node, const std::string& name, const std::string& file,
                         Reading& reading) {
  std::set<std::string, std::less<>> keys;
  for (const std::string_view key : {"condition", "exceptions"}) {
    if (node.find(key) != nullptr) keys.emplace(key);
  }
  if (keys.empty()) return refuse("an appended rule needs a condition or exceptions", name);
  TRY(RuleChange change, read_change(node, name, file, keys));
  return reading.items.append(std::move(change));
}

Parsed<void> switch_rule(const Node& node, const std::string& name, const std::string& file,
                         Reading& reading) {
  TRY(const auto enabled, optional_boolean(node, "enabled"));
  if (!enabled) {
    return refuse("the rule has no condition, output, desc and priority, and no 'enabled' either",
                  name);
  }
  reading.warnings.push_back({DiagnosticKind::kWarning, place_of(node, file),
                              "a rule of 'enabled' alone is deprecated",
                              "write override: {enabled: replace} beside it"});
  return reading.items.enable(name, *enabled);
}

}  // namespace

Parsed<Overrides> read_overrides(const Node& node, const Keys& appendable,
                                 const Keys& replaceable) {
  Overrides overrides;
  const Node* const value = node.find("override");
  if (value == nullptr) return overrides;
  if (value->kind != NodeKind::kMapping) {
    return refuse("the key 'override' must be a map of keys to append or replace", "override");
  }
  for (const auto& [key, operation] : value->members) {
    const bool append = operation->text == "append";
    if (!append && operation->text != "replace") {
      return refuse(fmt::format("expected append or replace for '{}', found '{}'", key->text,
                                operation->text),
                    std::string(operation->text));
    }
    if (!(append ? appendable : replaceable).contains(key->text)) {
      return refuse(
          fmt::format("the key '{}' cannot be {}{}", key->text, append ? "appended to" : "replaced",
                      append && replaceable.contains(key->text) ? "; replace it" : ""),
          std::string(key->text));
    }
    (append ? overrides.append : overrides.replace).emplace(key->text);
  }
  return overrides;
}

Parsed<bool> read_append(const Node& node, const Overrides& overrides, const std::string& file,
                         Reading& reading) {
  TRY(const auto append, optional_boolean(node, "append"));
  if (!append.value_or(false)) return false;
  if (!overrides.empty())
    return refuse("'override' and 'append: true' exclude each other", "append");
  reading.warnings.push_back({DiagnosticKind::kWarning, place_of(node, file),
                              "'append' is deprecated", "use override: {condition: append}"});
  return true;
}

Parsed<void> read_rule(const Node& node, const std::string& name, const std::string& file,
                       Reading& reading) {
  TRY(const Overrides overrides, read_overrides(node, kAppendable, kReplaceable));
  TRY(const bool append, read_append(node, overrides, file, reading));
  if (!overrides.empty()) return override_rule(node, name, file, overrides, reading);
  if (append) return append_rule(node, name, file, reading);
  for (const std::string_view key : {"condition", "output", "desc", "priority"}) {
    if (node.find(key) != nullptr) return define(node, name, file, reading);
  }
  return switch_rule(node, name, file, reading);
}

}  // namespace vedette::rules::falco
