// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/compile.h"

#include <algorithm>
#include <fmt/format.h>

#include "rules/enforcement.h"
#include "rules/falco/condition.h"
#include "rules/falco/exceptions.h"
#include "rules/falco/lower.h"
#include "rules/falco/output.h"
#include "rules/falco/priorities.h"

namespace vedette::rules::falco {
namespace {

constexpr std::string_view kContainerInfo = "%container.info";
constexpr std::string_view kMissing = "<NA>";

Parsed<Condition> resolved_condition(const RuleItem& item, ListTexts& lists, Macros& macros) {
  TRY(std::string text, condition_with_exceptions(item));
  TRY(text, lists.substitute(std::move(text)));
  TRY(Condition condition, parse_condition(text));
  return macros.resolve(std::move(condition));
}

// Whether the rule looks at events of named types only.
bool names_event_types(const Expression& expression, bool negated) {
  switch (expression.kind) {
    case Expression::Kind::kLeaf:
      return !negated && expression.predicate.test == Test::kEquals &&
             (expression.field == "evt.type" || expression.field == "syscall.type");
    case Expression::Kind::kNot:
      return names_event_types(expression.children.front(), !negated);
    case Expression::Kind::kTrue:
      return negated;
    case Expression::Kind::kFalse:
      return !negated;
    case Expression::Kind::kAnd:
    case Expression::Kind::kOr:
      break;
  }
  const auto names = [&](const Expression& child) { return names_event_types(child, negated); };
  const bool conjunction = (expression.kind == Expression::Kind::kAnd) != negated;
  return conjunction ? std::ranges::any_of(expression.children, names)
                     : std::ranges::all_of(expression.children, names);
}

// Fields of JSON events are missing where old rules expected this text.
bool expects_missing(const Condition& condition) {
  const std::string& field = condition.check.left.text;
  const bool json = field.starts_with("ka.") || field.starts_with("jevt.");
  if (condition.kind == Condition::Kind::kCheck && json &&
      std::ranges::find(condition.check.values, kMissing) != condition.check.values.end()) {
    return true;
  }
  return std::ranges::any_of(condition.parts, expects_missing);
}

std::string without_container_info(std::string text) {
  for (std::size_t at = text.find(kContainerInfo); at != std::string::npos;
       at = text.find(kContainerInfo, at)) {
    text.erase(at, kContainerInfo.size());
  }
  return text;
}

}  // namespace

event::RuleInfo info_of(const RuleItem& item) {
  event::RuleInfo info;
  const PriorityRow& priority = priorities()[item.priority];
  info.id = item.name;
  info.title = item.name;
  info.description = item.description;
  info.level = priority.level;
  info.priority = priority.name;
  info.source = item.source;
  info.tags.assign(item.tags.begin(), item.tags.end());
  info.logsource = "falco//" + item.source;
  info.file = item.place.file;
  info.line = item.place.line;
  return info;
}

std::expected<CompiledRule, RuleProblem> compile_rule(const RuleItem& item, ListTexts& lists,
                                                      Macros& macros) {
  const auto wrong = [](Problem& problem, const Place& place) {
    return std::unexpected(RuleProblem{std::move(problem), place});
  };
  CompiledRule compiled;
  Rule& rule = compiled.rule;
  rule.info = info_of(item);
  rule.logsource = {"", "falco", item.source};
  rule.first_match = true;
  auto output = parse_output(without_container_info(item.output.text), item.source, rule.info);
  if (!output.has_value()) return wrong(output.error(), item.output.place);
  auto condition = resolved_condition(item, lists, macros);
  if (!condition.has_value()) return wrong(condition.error(), item.condition.place);
  auto lowered = lower_condition(*condition, item.source);
  if (!lowered.has_value()) return wrong(lowered.error(), item.condition.place);
  rule.condition = std::move(*lowered);
  rule.block = item.block;
  if (item.block) {
    const auto enforced = lower_to_enforcement(rule.condition);
    if (!enforced.has_value()) {
      Problem problem{"action: block cannot be enforced because " + enforced.error(), {}};
      return wrong(problem, item.condition.place);
    }
  }
  rule.fields = rule.info.output_fields;
  if (item.output.text.find(kContainerInfo) != std::string::npos) {
    compiled.doubts.push_back(fmt::format(
        "the output of '{}' names %container.info, which is deprecated and left out", item.name));
  }
  if (item.source == "syscall" && item.warn_event_types &&
      !names_event_types(rule.condition, false)) {
    compiled.doubts.push_back(fmt::format(
        "the rule '{}' names no evt.type, so it is looked at for every event", item.name));
  }
  if (expects_missing(*condition)) {
    compiled.doubts.push_back(fmt::format(
        "the rule '{}' compares with <NA>, which no field holds; use exists", item.name));
  }
  return compiled;
}

}  // namespace vedette::rules::falco
