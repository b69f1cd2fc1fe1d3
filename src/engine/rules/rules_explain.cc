// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <utility>

#include "detect/naive_evaluator.h"
#include "engine/rules/rules_run.h"

namespace vedette::engine {
namespace {

using rules::Expression;
using rules::Predicate;
using rules::Test;

struct TestWord {
  Test test;
  std::string_view word;
};
constexpr TestWord kTestWords[] = {
    {Test::kEquals, "is"},
    {Test::kContains, "contains"},
    {Test::kStartsWith, "startswith"},
    {Test::kEndsWith, "endswith"},
    {Test::kGlob, "is like"},
    {Test::kRegex, "matches"},
    {Test::kCidr, "is in"},
    {Test::kNumberEquals, "=="},
    {Test::kLess, "<"},
    {Test::kLessEquals, "<="},
    {Test::kGreater, ">"},
    {Test::kGreaterEquals, ">="},
    {Test::kNull, "is absent or null"},
    {Test::kExists, "exists"},
    {Test::kFieldEquals, "is the field"},
    {Test::kFieldContains, "contains the field"},
    {Test::kFieldStartsWith, "startswith the field"},
    {Test::kFieldEndsWith, "endswith the field"},
    {Test::kMinute, "has minute"},
    {Test::kHour, "has hour"},
    {Test::kDay, "has day"},
    {Test::kWeek, "has week"},
    {Test::kMonth, "has month"},
    {Test::kYear, "has year"},
};

std::string_view word_of(Test test) {
  for (const TestWord& row : kTestWords) {
    if (row.test == test) return row.word;
  }
  return "?";
}

// The operand with a pattern's stand-ins as Sigma writes them.
std::string operand_of(const Predicate& predicate) {
  if (predicate.test != Test::kGlob) return predicate.text;
  std::string text;
  for (const char c : predicate.text) {
    if (c == rules::kAnyRun) {
      text += '*';
    } else if (c == rules::kAnyOne) {
      text += '?';
    } else {
      text += c;
    }
  }
  return text;
}

std::string describe(const Expression& leaf) {
  const Predicate& predicate = leaf.predicate;
  const std::string field = leaf.field.empty() ? "any value" : leaf.field;
  if (predicate.test == Test::kNull || predicate.test == Test::kExists) {
    return fmt::format("{} {}", field, word_of(predicate.test));
  }
  const bool cased = predicate.letter_case == rules::Case::kRespect &&
                     (predicate.test <= Test::kGlob || (predicate.test >= Test::kFieldEquals &&
                                                        predicate.test <= Test::kFieldEndsWith));
  return fmt::format("{} {} '{}'{}", field, word_of(predicate.test), operand_of(predicate),
                     cased ? " (case matters)" : "");
}

std::string shown(const detect::FieldValue& value) {
  switch (value.kind) {
    case event::Kind::kNull:
      return "null";
    case event::Kind::kStructure:
      return "an object or array";
    case event::Kind::kString:
      return fmt::format("'{}'", value.text);
    default:
      return value.text;
  }
}

// One line for each path under which the event has the field, with all its values.
void add_seen(std::string_view field, const detect::EventFields& event, ExplainedNode& node) {
  const auto values = event.values(field);
  if (values.empty()) node.seen.push_back(fmt::format("{}: absent", field));
  std::string_view path;
  for (const detect::FieldValue* value : values) {
    if (!path.empty() && path == value->path) {
      node.seen.back() += ", " + shown(*value);
      continue;
    }
    path = value->path;
    const std::string as = path == field ? "" : fmt::format(" (as {})", path);
    node.seen.push_back(fmt::format("{}{}: {}", field, as, shown(*value)));
  }
}

ExplainedNode explain_leaf(const Expression& leaf, const detect::EventFields& event) {
  ExplainedNode node;
  node.holds = detect::evaluate(leaf, event);
  node.text = describe(leaf);
  node.selection = leaf.selection;
  if (leaf.field.empty()) {
    // Every value of the event is too much to show: the ones that passed are the answer.
    for (const detect::FieldValue& value : event.all()) {
      if (value.has_text() && detect::evaluate_leaf(value.path, leaf.predicate, event)) {
        node.seen.push_back(fmt::format("{}: {}", value.path, shown(value)));
      }
    }
    if (node.seen.empty()) {
      node.seen.push_back(node.holds ? "the line as a whole"
                                     : fmt::format("{} values, none passes", event.all().size()));
    }
    return node;
  }
  add_seen(leaf.field, event, node);
  const Test test = leaf.predicate.test;
  if (test >= Test::kFieldEquals && test <= Test::kFieldEndsWith) {
    add_seen(leaf.predicate.text, event, node);
  }
  return node;
}

// The tree's depth is bounded by the front end that built it.
ExplainedNode explain_node(const Expression& expression, const detect::EventFields& event) {
  if (expression.kind == Expression::Kind::kLeaf) return explain_leaf(expression, event);
  ExplainedNode node;
  node.holds = detect::evaluate(expression, event);
  switch (expression.kind) {
    case Expression::Kind::kAnd:
      node.text = "and";
      break;
    case Expression::Kind::kOr:
      node.text = "or";
      break;
    case Expression::Kind::kNot:
      node.text = "not";
      break;
    default:
      node.text = node.holds ? "always" : "never";
      break;
  }
  for (const Expression& child : expression.children) {
    node.children.push_back(explain_node(child, event));
  }
  return node;
}

std::string name_of(const rules::LogSource& source) {
  return fmt::format("{}/{}/{}", source.product, source.category, source.service);
}

}  // namespace

Explanation explain(const rules::Rule& rule, const rules::LogSources& log_sources,
                    const detect::EventFields& event, bool use_log_sources) {
  Explanation explanation;
  explanation.matches = detect::matches(rule, log_sources, event, use_log_sources);
  if (!use_log_sources) {
    ExplainedView view;
    view.belongs = true;
    view.source.holds = true;
    view.source.text = "log sources are switched off";
    view.condition = explain_node(rule.condition, event);
    explanation.views.push_back(std::move(view));
    return explanation;
  }
  for (const rules::LogSourceEntry& entry : log_sources.entries) {
    if (!rules::covers(rule.logsource, entry.source)) continue;
    ExplainedView view;
    view.log_source = name_of(entry.source);
    view.source = explain_node(entry.when, event);
    view.belongs = view.source.holds;
    view.condition = explain_node(detect::rename_fields(rule.condition, entry.fields), event);
    explanation.views.push_back(std::move(view));
  }
  return explanation;
}

}  // namespace vedette::engine
