// SPDX-License-Identifier: Apache-2.0
#include "detect/naive_evaluator.h"

#include <charconv>
#include <functional>
#include <optional>

#include "base/time.h"
#include "base/unicode.h"
#include "match/decimal.h"
#include "match/glob.h"
#include "match/network.h"
#include "match/regex.h"
#include "rules/transform.h"

namespace vedette::detect {
namespace {

using rules::Case;
using rules::Expression;
using rules::Predicate;
using rules::Test;

std::string folded(std::string_view text, Case letter_case) {
  return letter_case == Case::kIgnore ? fold_case(text) : std::string(text);
}

bool compare_text(Test test, std::string_view text, std::string_view operand) {
  switch (test) {
    case Test::kEquals:
    case Test::kFieldEquals:
      return text == operand;
    case Test::kContains:
    case Test::kFieldContains:
      return text.find(operand) != std::string_view::npos;
    case Test::kStartsWith:
    case Test::kFieldStartsWith:
      return text.starts_with(operand);
    case Test::kEndsWith:
    case Test::kFieldEndsWith:
      return text.ends_with(operand);
    case Test::kGlob:
      return match::glob_matches(operand, text);
    default:
      return false;
  }
}

bool compare_number(Test test, std::string_view text, std::string_view operand) {
  const auto number = match::Decimal::parse(text);
  const auto other = match::Decimal::parse(operand);
  if (!number || !other) return false;
  switch (test) {
    case Test::kNumberEquals:
      return *number == *other;
    case Test::kLess:
      return *number < *other;
    case Test::kLessEquals:
      return *number <= *other;
    case Test::kGreater:
      return *number > *other;
    case Test::kGreaterEquals:
      return *number >= *other;
    default:
      return false;
  }
}

bool compare_calendar(Test test, std::string_view text, std::string_view operand) {
  const auto time = parse_calendar_time(text);
  const auto wanted = match::Decimal::parse(operand);
  if (!time || !wanted) return false;
  int part = 0;
  switch (test) {
    case Test::kMinute:
      part = time->minute;
      break;
    case Test::kHour:
      part = time->hour;
      break;
    case Test::kDay:
      part = time->day;
      break;
    case Test::kWeek:
      part = iso_week(time->year, time->month, time->day);
      break;
    case Test::kMonth:
      part = time->month;
      break;
    case Test::kYear:
      part = time->year;
      break;
    default:
      return false;
  }
  return match::Decimal::parse(std::to_string(part)) == wanted;
}

bool passes_as_it_is(const Predicate& predicate, std::string_view text) {
  switch (predicate.test) {
    case Test::kEquals:
    case Test::kContains:
    case Test::kStartsWith:
    case Test::kEndsWith:
    case Test::kGlob:
      return compare_text(predicate.test, folded(text, predicate.letter_case),
                          folded(predicate.text, predicate.letter_case));
    case Test::kRegex: {
      const auto regex = match::Regex::compile(predicate.text);
      return regex.has_value() && regex->found_in(text);
    }
    case Test::kCidr: {
      const auto network = match::Network::parse(predicate.text);
      const auto address = match::Address::parse(text);
      return network && address && network->contains(*address);
    }
    case Test::kNumberEquals:
    case Test::kLess:
    case Test::kLessEquals:
    case Test::kGreater:
    case Test::kGreaterEquals:
      return compare_number(predicate.test, text, predicate.text);
    case Test::kMinute:
    case Test::kHour:
    case Test::kDay:
    case Test::kWeek:
    case Test::kMonth:
    case Test::kYear:
      return compare_calendar(predicate.test, text, predicate.text);
    default:
      return false;
  }
}

bool any_field_passes(const Predicate& predicate, const EventFields& event) {
  for (const FieldValue& value : event.all()) {
    if (value.has_text() && text_passes(predicate, value.text)) return true;
  }
  return !event.line().empty() && text_passes(predicate, event.line());
}

bool field_passes(const Predicate& predicate, const std::vector<const FieldValue*>& values,
                  const EventFields& event) {
  const auto any = [](const std::vector<const FieldValue*>& all, const auto& passes) {
    for (const FieldValue* value : all) {
      if (value->has_text() && passes(value->text)) return true;
    }
    return false;
  };
  if (predicate.test < Test::kFieldEquals || predicate.test > Test::kFieldEndsWith) {
    return any(values, [&](const std::string& text) { return text_passes(predicate, text); });
  }
  const auto others = event.values(predicate.text);
  return any(values, [&](const std::string& text) {
    return any(others, [&](const std::string& other) {
      return compare_text(predicate.test, folded(text, predicate.letter_case),
                          folded(other, predicate.letter_case));
    });
  });
}

}  // namespace

bool text_passes(const Predicate& predicate, std::string_view text) {
  if (predicate.transforms.empty()) return passes_as_it_is(predicate, text);
  const auto other = rules::transformed(predicate.transforms, text);
  return other && passes_as_it_is(predicate, *other);
}

bool evaluate_leaf(std::string_view field, const Predicate& predicate, const EventFields& event) {
  if (field == rules::kAnyField) return any_field_passes(predicate, event);
  const auto values = event.values(field);
  if (predicate.test == Test::kExists) return !values.empty();
  if (predicate.test == Test::kNull) {
    bool null = values.empty();
    for (const FieldValue* value : values) null = null || value->kind == event::Kind::kNull;
    return null;
  }
  return field_passes(predicate, values, event);
}

bool evaluate(const Expression& expression, const EventFields& event) {
  switch (expression.kind) {
    case Expression::Kind::kTrue:
      return true;
    case Expression::Kind::kFalse:
      return false;
    case Expression::Kind::kNot:
      return !evaluate(expression.children.front(), event);
    case Expression::Kind::kLeaf:
      return evaluate_leaf(expression.field, expression.predicate, event);
    case Expression::Kind::kAnd:
      for (const Expression& child : expression.children) {
        if (!evaluate(child, event)) return false;
      }
      return true;
    case Expression::Kind::kOr:
      for (const Expression& child : expression.children) {
        if (evaluate(child, event)) return true;
      }
      return false;
  }
  return false;
}

Expression rename_fields(const Expression& expression,
                         const std::map<std::string, std::string, std::less<>>& fields) {
  Expression renamed = expression;
  if (fields.empty()) return renamed;
  const auto rename = [&fields](std::string& name) {
    if (const auto found = fields.find(name); found != fields.end()) name = found->second;
  };
  if (renamed.kind == Expression::Kind::kLeaf) {
    rename(renamed.field);
    const Test test = renamed.predicate.test;
    if (test >= Test::kFieldEquals && test <= Test::kFieldEndsWith) rename(renamed.predicate.text);
  }
  for (Expression& child : renamed.children) child = rename_fields(child, fields);
  return renamed;
}

bool matches(const rules::Rule& rule, const rules::LogSources& log_sources,
             const EventFields& event, bool use_log_sources) {
  if (!use_log_sources) return evaluate(rule.condition, event);
  for (const rules::LogSourceEntry& entry : log_sources.entries) {
    if (!rules::covers(rule.logsource, entry.source) || !evaluate(entry.when, event)) continue;
    if (evaluate(rename_fields(rule.condition, entry.fields), event)) return true;
  }
  return false;
}

}  // namespace vedette::detect
