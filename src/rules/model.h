// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "event/alert.h"
#include "match/glob.h"

// The one rule model that every dialect's front end lowers to. Meaning lives in the front ends;
// what stands here has one meaning, defined by the naive evaluator in detect/naive_evaluator.h and
// equal for all dialects.
namespace vedette::rules {

// How a predicate looks at the value of a field. Text tests see the value's text (numbers as
// written, booleans as "true"/"false"); a field that is absent, null or a structure has no text and
// fails every text test. A field with several values (an array) passes when any of them passes.
enum class Test : std::uint8_t {
  kEquals,    // text is `text`
  kContains,  // text holds `text`
  kStartsWith,
  kEndsWith,
  kGlob,          // `text` is a pattern of match/glob.h (match::kAnyRun, match::kAnyOne)
  kRegex,         // `text` is found by the RE2 expression anywhere
  kCidr,          // text is an IP address inside the network `text`
  kNumberEquals,  // text is a decimal number equal to `text`, exactly ("4624", 4624, 4624.0)
  kLess,          // text is a number and <  `text`
  kLessEquals,
  kGreater,
  kGreaterEquals,
  kNull,         // the field is absent or null
  kExists,       // the field is present, whatever its value (null and structures included)
  kFieldEquals,  // text equals the text of the field named `text`
  kFieldContains,
  kFieldStartsWith,
  kFieldEndsWith,
  kMinute,  // text is a time (base/time.h) whose calendar field, as written, equals `text`
  kHour,
  kDay,
  kWeek,  // ISO 8601
  kMonth,
  kYear,
};

// Bytes in kGlob patterns that stand for "any run" and "exactly one character".
using match::kAnyOne;
using match::kAnyRun;

enum class Case : std::uint8_t { kIgnore, kRespect };

// What is made of each text of a field before a test looks at it (rules/transform.h).
enum class Transform : std::uint8_t {
  kLower,     // ASCII letters
  kUpper,     // ASCII letters
  kBase64,    // decoded; a text that is no Base64 passes no test
  kBasename,  // what follows the last slash
  kLength,    // the number of bytes
};

struct Predicate {
  Test test = Test::kEquals;
  Case letter_case =
      Case::kIgnore;  // text tests and kField…; regular expressions carry (?i) themselves
  std::string text;   // the operand, unescaped; not folded
  // Applied one after the other; only of tests that look at one text.
  std::vector<Transform> transforms = {};

  auto operator<=>(const Predicate&) const = default;
};

// A condition as a tree. A leaf asks one predicate of one field; the field "" (kAnyField) asks it
// of every value of the event: the leaf is true when any value passes (text records: also the raw
// line).
constexpr std::string_view kAnyField = "";
struct Expression {
  enum class Kind : std::uint8_t { kTrue, kFalse, kAnd, kOr, kNot, kLeaf };
  Kind kind = Kind::kTrue;
  std::vector<Expression> children;  // kAnd, kOr: any number; kNot: one
  std::string field;                 // kLeaf
  Predicate predicate;               // kLeaf
  std::string selection;   // kLeaf: the named part of the rule it comes from, for explanations
  std::uint32_t line = 0;  // in the rule's file, 0 when unknown

  static Expression make(Kind kind, std::vector<Expression> children = {}) {
    Expression expression;
    expression.kind = kind;
    expression.children = std::move(children);
    return expression;
  }
};

// Which events a rule may see. Empty parts were not given. `definition` is prose and plays no part.
struct LogSource {
  std::string category;
  std::string product;
  std::string service;
};

struct Rule {
  event::RuleInfo info;
  LogSource logsource;
  Expression condition;
  std::vector<std::string> fields;  // the rule's own list of fields worth showing
  bool silent = false;              // matches feed correlations only (Sigma: generate false)
  // Of the rules so marked that share a log source, only the first that matches an event counts.
  bool first_match = false;
  // What it matches is to be refused before it happens, where somebody asks for that
  // (rules/enforcement.h); such a rule is only loaded when that can be done exactly.
  bool block = false;
};

enum class CorrelationType : std::uint8_t {
  kEventCount,
  kValueCount,
  kValueSum,
  kValueAverage,
  kValuePercentile,
  kValueMedian,
  kTemporal,
  kTemporalOrdered,
};

enum class Comparison : std::uint8_t {
  kEquals,
  kNotEquals,
  kLess,
  kLessEquals,
  kGreater,
  kGreaterEquals
};

struct Bound {
  Comparison comparison = Comparison::kGreaterEquals;
  double value = 0;
};

// Several matches taken together. Rules are indices into RuleSet: `rules` for base rules, and
// `correlations` for chained ones; a correlation only refers to correlations that stand before it
// in RuleSet.
struct Correlation {
  struct Reference {
    bool correlation = false;
    std::size_t index = 0;
    std::string name;  // as the correlation's file writes it: id, name or title
  };
  event::RuleInfo info;
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<Reference> references;
  std::vector<std::string> group_by;
  // Group-by name -> (position in `references` -> field of that rule's events); names not listed
  // are fields.
  std::map<std::string, std::map<std::size_t, std::string>> aliases;
  TimeNs timespan = 0;
  std::vector<Bound> bounds;  // all must hold
  std::vector<std::string>
      fields;  // value_* types; several are taken together as a tuple (value_count only)
  double percentile = 50;  // kValuePercentile
  // kTemporal…: an expression over positions in `references` (leaf field = decimal position),
  // absent: bounds (default: all of them) count distinct references.
  std::optional<Expression> condition;
  bool silent = false;  // feeds other correlations only
};

struct Refusal {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string rule;    // id, else title, else ""
  std::string reason;  // one sentence; names the offending part
};

struct RuleSet {
  std::vector<Rule> rules;
  std::vector<Correlation> correlations;
  std::vector<Refusal> refused;
  std::vector<event::RuleInfo> disabled;  // by their own files (Falco: enabled: false)
  std::vector<Diagnostic> warnings;
};

}  // namespace vedette::rules
