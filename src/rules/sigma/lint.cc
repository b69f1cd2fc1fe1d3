// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/lint.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/unicode.h"
#include "rules/sigma/condition.h"
#include "rules/sigma/text.h"

namespace vedette::rules::sigma {
namespace {

// Fields that hold the path of a file: such a path ends in a name.
constexpr std::array<std::string_view, 7> kFilePaths = {
    "Image",       "ParentImage", "SourceImage",   "TargetImage",
    "ImageLoaded", "OldFilePath", "TargetFilename"};

bool has_modifier(const FieldTest& test, std::string_view name) {
  return std::ranges::find(test.modifiers, name) != test.modifiers.end();
}

// "cmd.exe": not "System" or "Registry", which stand for the kernel's own processes.
bool is_bare_file_name(std::string_view text) {
  return text.find('.') != std::string_view::npos &&
         text.find_first_of("/\\") == std::string_view::npos && !has_wildcard(text) &&
         !has_placeholder(text);
}

bool is_word(std::string_view text) {
  return !text.empty() && !has_wildcard(text) && !has_placeholder(text) &&
         text.find_first_not_of("0123456789.+-") != std::string_view::npos;
}

// Which detections the conditions name, and which parts of them name nothing.
class Reach {
 public:
  explicit Reach(const SigmaRule& rule) : rule_(rule) {
    for (const Condition& condition : rule.conditions) visit(condition);
  }
  const std::set<std::string_view>& named() const { return named_; }
  const std::vector<const Condition*>& empty_selectors() const { return empty_; }

 private:
  void visit(const Condition& condition) {
    if (condition.kind == Condition::Kind::kName) named_.insert(condition.name);
    if (condition.kind == Condition::Kind::kSelector) {
      bool any = false;
      for (const NamedDetection& detection : rule_.detections) {
        if (!selects(condition.name, detection.name)) continue;
        named_.insert(detection.name);
        any = true;
      }
      if (!any) empty_.push_back(&condition);
    }
    for (const Condition& part : condition.parts) visit(part);
  }

  const SigmaRule& rule_;  // the caller's
  std::set<std::string_view> named_;
  std::vector<const Condition*> empty_;
};

class RuleLint {
 public:
  RuleLint(const SigmaRule& rule, std::vector<Diagnostic>& warnings)
      : rule_(rule), warnings_(warnings) {}

  void run() {
    const Reach reach(rule_);
    for (const NamedDetection& named : rule_.detections) {
      if (!reach.named().contains(named.name)) {
        warn(named.position, fmt::format("no condition names the detection '{}'", named.name),
             "name it in the condition or delete it");
      }
      detection(named.detection);
    }
    for (const Condition* selector : reach.empty_selectors()) {
      warn(selector->position,
           fmt::format("no detection has a name like '{}', so this part of the condition vanishes",
                       selector->name),
           "correct the pattern");
    }
  }

 private:
  void detection(const Detection& detection_part) {
    for (const FieldTest& test : detection_part.tests) field_test(test);
    for (const Detection& group : detection_part.groups) detection(group);
  }

  void field_test(const FieldTest& test) {
    if (test.all && test.values.size() == 1) {
      warn(test.position, fmt::format("|all on a single value of '{}' has no effect", test.field),
           "remove it, or list further values");
    }
    if (has_modifier(test, "re") &&
        (has_modifier(test, "contains") || has_modifier(test, "startswith") ||
         has_modifier(test, "endswith"))) {
      warn(test.position,
           "contains, startswith and endswith have no effect on a regular expression, which is "
           "found anywhere",
           "anchor the expression with ^ or $");
    }
    if (test.all && !test.negated) whole_values(test);
    for (const Value& value : test.values) one_value(test, value);
  }

  // A field cannot equal two texts at once, unless it holds a list.
  void whole_values(const FieldTest& test) {
    const Value* first = nullptr;
    for (const Value& value : test.values) {
      if (test.field == kAnyField || value.kind != ValueKind::kString || has_wildcard(value.text) ||
          has_placeholder(value.text)) {
        continue;
      }
      if (first != nullptr && fold_case(first->text) != fold_case(value.text)) {
        return warn(value.position,
                    fmt::format("'{}' cannot equal '{}' and '{}' at once", test.field,
                                written_text(first->text), written_text(value.text)),
                    "drop |all, or add contains before it");
      }
      first = &value;
    }
  }

  void one_value(const FieldTest& test, const Value& value) {
    if (value.kind != ValueKind::kString) return;
    const std::string_view text = value.text;
    const bool only_run =
        !text.empty() && text.find_first_not_of(kAnyRun) == std::string_view::npos;
    if (only_run && test.modifiers.empty()) {
      warn(value.position, fmt::format("'*' matches whatever is in '{}'", test.field),
           "to ask for the field's presence write |exists: true");
    } else if (only_run) {
      warn(value.position,
           fmt::format("nothing but wildcards under |{} matches every text",
                       fmt::join(test.modifiers, "|")),
           "give a value");
    }
    const bool is_path = std::ranges::find(kFilePaths, test.field) != kFilePaths.end();
    if (is_path && !text.empty() && text.back() == '\\' && text.size() > 1) {
      warn(
          value.position,
          fmt::format("'{}' holds the path of a file, which never ends in a backslash", test.field),
          "use contains, or complete the name");
    }
    if (is_path && test.modifiers.empty() && is_bare_file_name(text)) {
      warn(value.position,
           fmt::format("'{}' holds a whole path, which never is '{}'", test.field,
                       written_text(text)),
           "use endswith with a \\ or / before the name");
    }
    if (test.field == "EventID" && test.modifiers.empty() && is_word(text)) {
      warn(value.position,
           fmt::format("'EventID' holds a number, which never is '{}'", written_text(text)),
           "write the number");
    }
  }

  void warn(Position position, std::string message, std::string hint) {
    warnings_.push_back({DiagnosticKind::kWarning,
                         {rule_.info.file, position.line, position.column, 0},
                         std::move(message),
                         std::move(hint)});
  }

  const SigmaRule& rule_;  // the caller's, like the warnings
  std::vector<Diagnostic>& warnings_;
};

}  // namespace

void lint_rule(const SigmaRule& rule, std::vector<Diagnostic>& warnings) {
  RuleLint(rule, warnings).run();
}

}  // namespace vedette::rules::sigma
