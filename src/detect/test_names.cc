// SPDX-License-Identifier: Apache-2.0
#include "detect/test_names.h"

#include <array>
#include <string>

#include "match/glob.h"
#include "rules/transform.h"

namespace vedette::detect {
namespace {

// By rules::Test.
constexpr std::array<std::string_view, 24> kTestNames = {"equals",
                                                         "contains",
                                                         "startswith",
                                                         "endswith",
                                                         "like",
                                                         "matches",
                                                         "in network",
                                                         "equals",
                                                         "<",
                                                         "<=",
                                                         ">",
                                                         ">=",
                                                         "is null",
                                                         "exists",
                                                         "equals field",
                                                         "contains field",
                                                         "startswith field",
                                                         "endswith field",
                                                         "minute is",
                                                         "hour is",
                                                         "day is",
                                                         "week is",
                                                         "month is",
                                                         "year is"};
static_assert(kTestNames.size() == static_cast<std::size_t>(rules::Test::kYear) + 1);

}  // namespace

std::string_view describe(const rules::Predicate& predicate, Arena& arena) {
  std::string text;
  for (const rules::Transform transform : predicate.transforms) {
    text += rules::to_string(transform);
    text += ' ';
  }
  text += kTestNames[static_cast<std::size_t>(predicate.test)];
  if (predicate.test != rules::Test::kNull && predicate.test != rules::Test::kExists) {
    text += ' ';
    for (const char c : predicate.text)
      text += c == match::kAnyRun ? '*' : c == match::kAnyOne ? '?' : c;
  }
  return arena.copy(text);
}

}  // namespace vedette::detect
