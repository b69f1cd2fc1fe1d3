// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/exceptions.h"

#include <fmt/format.h>

#include "rules/falco/condition.h"
#include "rules/falco/fields.h"
#include "rules/falco/operators.h"

namespace vedette::rules::falco {
namespace {

std::unexpected<Problem> wrong(const ExceptionItem& exception, std::string_view what) {
  return refuse(fmt::format("the exception '{}' {}", exception.name, what), exception.name);
}

Parsed<void> check_field(const Entry& field, const std::string& source) {
  if (!is_source(source)) return {};
  // What is more than a field (a transformer) is judged with the whole condition.
  const auto leading = parse_leading_field(field.text);
  if (!leading.has_value() || leading->size != field.text.size()) return {};
  TRY_VOID(find_field(source, leading->name, leading->argument));
  return {};
}

Parsed<void> check_comparison(const Entry& comparison, const ExceptionItem& exception) {
  if (parse_operator(comparison.text).has_value()) return {};
  return wrong(exception, fmt::format("compares by '{}', which is no operator", comparison.text));
}

Parsed<void> complete_tuple(ExceptionItem& exception, const std::string& source) {
  Entry& comparisons = exception.comparisons;
  if (!comparisons.given) {
    comparisons.given = true;
    comparisons.is_list = true;
    comparisons.entries.assign(exception.fields.entries.size(), Entry{true, false, "=", {}});
  }
  if (!comparisons.is_list || comparisons.entries.size() != exception.fields.entries.size()) {
    return wrong(exception, "must have as many comps as fields");
  }
  for (const Entry& comparison : comparisons.entries) {
    TRY_VOID(check_comparison(comparison, exception));
  }
  for (const Entry& field : exception.fields.entries) TRY_VOID(check_field(field, source));
  return {};
}

// One value of a tuple, as the condition takes it.
std::string value_text(const Entry& value, const std::string& comparison) {
  if (value.is_list) {
    std::string list;
    for (const Entry& one : value.entries) {
      list += list.empty() ? "(" : ", ";
      list += quoted_item(one.text);
    }
    return list.empty() ? "()" : list + ")";
  }
  const auto op = parse_operator(comparison);
  if (!op || !takes_list(op->first, op->second)) return quoted_item(value.text);
  return value.text.starts_with('(') ? value.text : "(" + value.text + ")";
}

Parsed<std::string> tuple_text(const ExceptionItem& exception, const Entry& values) {
  const std::vector<Entry>& fields = exception.fields.entries;
  if (!values.is_list || values.entries.size() != fields.size()) {
    return wrong(exception, "must have as many values in each tuple as fields");
  }
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& comparison = exception.comparisons.entries[i].text;
    text += text.empty() ? "(" : " and ";
    text += fmt::format("{} {} {}", fields[i].text, comparison,
                        value_text(values.entries[i], comparison));
  }
  return text + ")";
}

// "" when the exception has no values.
Parsed<std::string> exception_text(const ExceptionItem& exception) {
  std::string text;
  for (const Entry& value : exception.values) {
    if (exception.fields.is_list) {
      TRY(const std::string tuple, tuple_text(exception, value));
      text += text.empty() ? "(" : " or ";
      text += tuple;
    } else {
      if (value.is_list) return wrong(exception, "has one field, so its values must be texts");
      text += text.empty()
                  ? fmt::format("({} {} (", exception.fields.text, exception.comparisons.text)
                  : ", ";
      text += quoted_item(value.text);
    }
  }
  if (text.empty()) return text;
  return text + (exception.fields.is_list ? ")" : "))");
}

}  // namespace

std::string quoted_item(const std::string& item) {
  const bool quoted = item.starts_with('"') || item.starts_with('\'');
  if (quoted || item.find(' ') == std::string::npos) return item;
  return '"' + item + '"';
}

Parsed<void> complete_exception(ExceptionItem& exception, const std::string& source) {
  if (!exception.fields.given) return wrong(exception, "has no fields");
  if (exception.fields.is_list) return complete_tuple(exception, source);
  Entry& comparison = exception.comparisons;
  if (!comparison.given) comparison = Entry{true, false, "in", {}};
  if (comparison.is_list) return wrong(exception, "has one field, so comps must be one operator");
  TRY_VOID(check_comparison(comparison, exception));
  const auto op = parse_operator(comparison.text);
  if (!takes_list(op->first, op->second)) {
    return wrong(exception,
                 "has one field, so comps must be in, pmatch, intersects or an operator with "
                 "oneof, anyof or allof");
  }
  return check_field(exception.fields, source);
}

Parsed<std::string> condition_with_exceptions(const RuleItem& rule) {
  if (rule.exceptions.empty()) return rule.condition.text;
  std::string condition = "(" + rule.condition.text + ")";
  for (const ExceptionItem& exception : rule.exceptions) {
    TRY(const std::string text, exception_text(exception));
    if (!text.empty()) condition += " and not " + text;
  }
  return condition;
}

}  // namespace vedette::rules::falco
