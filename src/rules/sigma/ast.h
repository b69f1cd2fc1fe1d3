// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/alert.h"
#include "rules/model.h"

// A Sigma rule between its YAML and the rule model: what global filters and processing pipelines
// read and change. Modifiers have been applied to the values already (as pySigma does), names of
// detections in conditions are still names.
namespace vedette::rules::sigma {

// In the file; 0 = unknown (made by a pipeline).
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// Why something of a rule cannot be used: one sentence, and where it stands.
struct Problem {
  Position position;
  std::string message;
};
template <typename T>
using Parsed = std::expected<T, Problem>;
inline std::unexpected<Problem> refuse(Position position, std::string message) {
  return std::unexpected<Problem>(Problem{position, std::move(message)});
}

// Bytes that stand for something else in the text of a ValueKind::kString. They cannot occur in
// UTF-8: kAnyRun (`*`) and kAnyOne (`?`) of rules/model.h, and a placeholder is its name between
// two of these.
constexpr char kPlaceholderMark = '\xFD';

enum class ValueKind : std::uint8_t {
  kString,   // `text`: unescaped, with kAnyRun, kAnyOne and placeholders
  kNumber,   // `text`: plain decimal
  kBoolean,  // `truth`
  kNull,
  kRegex,           // `text`: as written, without flags; `flags`
  kCidr,            // `text`
  kCompare,         // `text`: plain decimal; `test`: kLess … kGreaterEquals
  kFieldReference,  // `text`: the other field; `test`: kFieldEquals … kFieldEndsWith
  kExists,          // `truth`
  kTimePart,        // `text`: whole number; `test`: kMinute … kYear
  kExpansion,       // `alternatives`: linked by OR whatever links the values around
};

// Flags of ValueKind::kRegex.
constexpr std::uint8_t kRegexIgnoreCase = 1;
constexpr std::uint8_t kRegexMultiline = 2;
constexpr std::uint8_t kRegexDotAll = 4;

struct Value {
  ValueKind kind = ValueKind::kString;
  bool cased = false;  // kString: letters' case counts
  bool truth = false;
  std::uint8_t flags = 0;
  Test test = Test::kEquals;
  Position position;
  std::string text;
  std::vector<Value> alternatives;
};

// One line of a detection: `Field|modifiers: values`.
struct FieldTest {
  std::string field;                        // kAnyField: keywords
  std::vector<std::string_view> modifiers;  // names in the modifier table, in their order
  bool all = false;                         // every value must match, else any
  bool negated = false;                     // |neq
  std::vector<Value> values;                // none: the field is null
  Position position;
  std::vector<std::string> applied;  // ids of the pipeline transformations that changed it
};

// Tests and nested groups, linked by AND or by OR.
struct Detection {
  enum class Link : std::uint8_t { kAnd, kOr };
  Link link = Link::kAnd;
  std::vector<FieldTest> tests;
  std::vector<Detection> groups;
};

struct NamedDetection {
  std::string name;
  Detection detection;
  Position position;
};

// A condition as written. A selector stands for the detections that its pattern names at the time
// of lowering; see condition.h for the rules of naming.
struct Condition {
  enum class Kind : std::uint8_t { kName, kSelector, kAnd, kOr, kNot };
  Kind kind = Kind::kName;
  bool all = false;  // kSelector: `all of`, else `1 of` or `any of`
  std::string name;  // kName: of a detection; kSelector: "them" or a pattern with `*`
  std::vector<Condition> parts;
  Position position;
};

struct SigmaRule {
  event::RuleInfo info;
  LogSource logsource;
  std::vector<NamedDetection> detections;  // in the order written
  std::vector<Condition> conditions;       // at least one; linked by OR
  std::vector<std::string> fields;
  std::string taxonomy = "sigma";
  // Every further top-level key with a scalar value, and those that pipelines set.
  std::map<std::string, std::string, std::less<>> attributes;
  // Further keys of `logsource`.
  std::map<std::string, std::string, std::less<>> logsource_attributes;
  std::vector<std::string> applied;  // ids of the pipeline transformations that were applied
  Position position;                 // of the document
  Position condition_position;

  const NamedDetection* find(std::string_view name) const {
    for (const NamedDetection& detection : detections) {
      if (detection.name == name) return &detection;
    }
    return nullptr;
  }
};

}  // namespace vedette::rules::sigma
