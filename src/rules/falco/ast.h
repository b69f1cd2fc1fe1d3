// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

// A Falco condition between its text and the rule model.
namespace vedette::rules::falco {

// Why something of a rule cannot be used.
struct Problem {
  // A rule may ask to be passed over, rather than refused, for an unknown field.
  enum class Cause : std::uint8_t { kOther, kUnknownField };
  std::string message;  // one sentence
  std::string token;    // the text of the rule that it is about, to find its place; may be empty
  Cause cause = Cause::kOther;
};
template <typename T>
using Parsed = std::expected<T, Problem>;
inline std::unexpected<Problem> refuse(std::string message, std::string token = {},
                                       Problem::Cause cause = Problem::Cause::kOther) {
  return std::unexpected<Problem>(Problem{std::move(message), std::move(token), cause});
}

// What stands on a side of a comparison: a field, a transformer of terms, a literal or, as an
// argument of a transformer, a list of terms.
struct Term {
  enum class Kind : std::uint8_t { kField, kTransformer, kText, kList };
  Kind kind = Kind::kText;
  std::string text;                     // the field's or transformer's name; the literal
  std::optional<std::string> argument;  // kField, kTransformer: what stands in brackets
  std::vector<Term> parts;              // kTransformer, kList
};

enum class Operator : std::uint8_t {
  kExists,
  kLessEquals,
  kLess,
  kGreaterEquals,
  kGreater,
  kEquals,
  kNotEquals,
  kGlob,
  kIglob,
  kContains,
  kIcontains,
  kBcontains,
  kStartsWith,
  kBstartsWith,
  kEndsWith,
  kRegex,
  kIntersects,
  kIn,
  kPmatch,
};

// `FIELD OPERATOR MODIFIER (LIST)`: how many of the values must pass.
enum class Modifier : std::uint8_t { kNone, kOneOf, kAnyOf, kAllOf };

struct Check {
  Term left;
  Operator op = Operator::kExists;
  Modifier modifier = Modifier::kNone;
  std::vector<std::string> values;  // the literals of the right side
  std::optional<Term> right;        // in their place: a field or a transformer
};

struct Condition {
  enum class Kind : std::uint8_t { kAnd, kOr, kNot, kCheck, kMacro };
  Kind kind = Kind::kCheck;
  std::vector<Condition> parts;  // kAnd, kOr: at least two; kNot: one
  Check check;                   // kCheck
  std::string macro;             // kMacro: its name; else the macro that the check came from
};

}  // namespace vedette::rules::falco
