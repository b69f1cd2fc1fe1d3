// SPDX-License-Identifier: Apache-2.0
#include "detect/field_comparison.h"

#include <string>

#include "base/unicode.h"

namespace vedette::detect {
namespace {

using event::Value;
using rules::Test;

bool compare(Test test, std::string_view text, std::string_view other) {
  switch (test) {
    case Test::kFieldEquals:
      return text == other;
    case Test::kFieldContains:
      return text.find(other) != std::string_view::npos;
    case Test::kFieldStartsWith:
      return text.starts_with(other);
    case Test::kFieldEndsWith:
      return text.ends_with(other);
    default:
      return false;
  }
}

}  // namespace

bool compare_fields(const rules::PredicateRow& row, const event::Event& event, Arena& scratch) {
  const auto text = [&](const Value& value) {
    scratch.clear();
    const std::string_view plain = event::text_of(value, scratch);
    return row.predicate.letter_case == rules::Case::kIgnore ? fold_case(plain)
                                                             : std::string(plain);
  };
  for (const Value* one = &event[row.slot]; one != nullptr; one = event.next(*one)) {
    if (!has_text(*one)) continue;
    const std::string left = text(*one);
    for (const Value* other = &event[row.other]; other != nullptr; other = event.next(*other)) {
      if (has_text(*other) && compare(row.predicate.test, left, text(*other))) return true;
    }
  }
  return false;
}

}  // namespace vedette::detect
