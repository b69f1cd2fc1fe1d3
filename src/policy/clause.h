// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "policy/facts.h"

namespace vedette::policy {

enum class KeyType : std::uint8_t {
  kName,        // patterns over names
  kPath,        // patterns over paths
  kAnswer,      // true, false, unknown
  kLevel,       // "critical", ">= high"
  kConfidence,  // "high", ">= medium"
  kNumber,      // ">= 7", "< 10 %"
  kDays,        // "< 14d"
};

enum class Comparison : std::uint8_t { kEqual, kLess, kAtMost, kGreater, kAtLeast };

// One line of a clause. Several values: one of them.
struct Condition {
  std::size_t key = 0;                // a row of keys()
  std::string text;                   // as written: "severity: >= high"
  std::vector<std::string> patterns;  // kName, kPath
  std::vector<Answer> answers;        // kAnswer; kUnknown also for numbers
  Comparison comparison = Comparison::kEqual;
  double number = 0;            // kNumber, kDays
  std::uint32_t ranks = 0;      // kLevel, kConfidence: a bit for each that it holds for
  bool has_comparison = false;  // kNumber, kDays
};

// A finding may stand in several places. What makes a verdict graver needs one of them; what makes
// it milder must hold for all.
enum class Places : std::uint8_t { kOne, kAll };

// Holds where all its conditions hold; an empty one always. What is not known makes a condition
// false, but where it asks for `unknown`.
struct Clause {
  std::vector<Condition> conditions;

  bool holds(const Facts& facts, TimeNs now, Places places) const;
  // What was asked and found: "severity: >= high (critical), fix: true".
  std::string reason(const Facts& facts, TimeNs now) const;
};

struct Key {
  std::string_view name;
  KeyType type = KeyType::kName;
  std::string_view help;  // one line, for the schema and the manual
};

// All keys of a clause.
std::span<const Key> keys();

// What was found for a key, as a policy would write it: "critical", "0.12", "unknown".
std::string value_text(std::size_t key, const Facts& facts, TimeNs now);

}  // namespace vedette::policy
