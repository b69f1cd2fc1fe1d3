// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "event/finding.h"

namespace vedette::policy {

enum class Answer : std::uint8_t { kUnknown, kNo, kYes };
inline constexpr Answer answer(bool value) { return value ? Answer::kYes : Answer::kNo; }

// What a policy may ask of one finding. A plain value: what would be if one of them were different
// is asked of a changed copy.
struct Facts {
  const event::Finding* finding = nullptr;  // the caller's, outlives this
  std::string_view kind;                    // "secret", "vulnerability", "model", "waiver", "code"
  std::string_view image;        // the caller's; the image that was scanned, empty for others
  std::string_view environment;  // the caller's
  Answer exploited = Answer::kUnknown;
  Answer ransomware = Answer::kUnknown;
  Answer exploit = Answer::kUnknown;  // somebody published how
  Answer fix = Answer::kUnknown;      // a version without it is known
  Answer used = Answer::kUnknown;
  Answer reachable = Answer::kUnknown;  // what is vulnerable in it is in the program
  Answer direct = Answer::kUnknown;
  Answer development = Answer::kUnknown;
  Answer is_new = Answer::kYes;
  Answer hidden = Answer::kNo;  // in a layer, and deleted by a later one
  Answer base = Answer::kNo;    // of the image that this one was built on
  Answer sample = Answer::kNo;  // stands only where tests, examples and documentation do
  std::optional<double> score;
  std::optional<double> probability;
  std::optional<double> percentile;
  // When the vulnerability became known; what is exploited counts from then. 0: not told.
  TimeNs published = 0;
};

struct FactContext {
  std::string image;
  std::string environment;
  bool is_new = true;
};

// "secret", "vulnerability", "model", "waiver" or "code".
std::string_view kind_of(const event::Finding& finding);

// `context` outlives the facts.
Facts facts_of(const event::Finding& finding, const FactContext& context);

}  // namespace vedette::policy
