// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/value.h"

namespace vedette::event {

enum class Level : std::uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };
inline constexpr std::array<std::string_view, 5> kLevelNames = {"informational", "low", "medium",
                                                                "high", "critical"};
constexpr std::string_view to_string(Level level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

// A piece of a rule's message: a text, then the value of a field.
struct OutputPart {
  static constexpr std::uint32_t kNoField = 0xFFFFFFFF;
  std::string text;
  std::uint32_t field = kNoField;  // index into RuleInfo::output_fields
  std::uint32_t width = 0;         // the value is cut or filled up to so many bytes; 0: as it is
};

// What a rule says about itself; lives in the rule set, which outlives every alert.
struct RuleInfo {
  std::string id;  // the rule's own id; its name or title where it has none
  std::string title;
  std::string name;  // Sigma's `name`, for correlations; usually empty
  std::string description;
  std::string status;
  std::string author;
  std::string date;
  Level level = Level::kMedium;
  std::vector<std::string>
      tags;  // as written: "attack.t1059.001", "attack.execution", "atlas.aml.t0051"
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  std::string logsource;  // "windows/process_creation/": product/category/service
  std::string file;
  std::uint32_t line = 0;
  bool correlation = false;
  // Falco only, empty elsewhere.
  std::string priority;                    // "Warning"
  std::string source;                      // "syscall"
  std::vector<OutputPart> output;          // the message
  std::vector<std::string> output_fields;  // of the message, each once
  // By output field: kString, kNumber or kBoolean where the language says so; kAbsent: as the event
  // holds it.
  std::vector<Kind> output_kinds;
};

// What a field of an event means to a person, whatever its name is there. Filled by the log source
// tables.
enum class Role : std::uint8_t {
  kHost,
  kUser,
  kProcess,
  kProcessId,
  kProcessGuid,
  kCommandLine,
  kParent,
  kParentId,
  kParentGuid,
  kParentCommandLine,
  kTarget,  // the file, registry key, pipe, image or API that was acted on
  kAddress,
  kAction,     // event id, API call, syscall
  kContainer,  // its name; empty for what happened on the host itself
  kPod,
};
inline constexpr std::size_t kRoleCount = 15;
inline constexpr std::array<std::string_view, kRoleCount> kRoleNames = {
    "host",         "user",    "process",   "process_id",  "process_guid",
    "command_line", "parent",  "parent_id", "parent_guid", "parent_command_line",
    "target",       "address", "action",    "container",   "pod"};

struct AlertField {
  std::string_view name;
  std::string_view value;
  Kind kind = Kind::kString;  // how the event holds it
};

// One leaf of the rule that was true: why the rule matched.
struct MatchedField {
  std::string_view selection;  // "selection", "keywords", ...
  std::string_view field;      // as the rule names it; empty for keywords
  std::string_view value;      // what the event held
  std::string_view test;       // what the rule asked, e.g. "endswith \powershell.exe"
};

// A rule matched an event, or a correlation a group of them. All views are valid only during
// Sink::write(); a sink that keeps an alert copies it.
struct Alert {
  const RuleInfo* rule = nullptr;
  bool has_time = false;
  TimeNs time = 0;  // of the event; of the newest event of a correlation
  std::string_view input;
  std::uint64_t record = 0;  // from 1 in its input; of the newest event of a correlation
  std::uint64_t offset = 0;  // of the record in the (unpacked) input
  std::array<std::string_view, kRoleCount> roles;  // by Role, empty where unknown
  std::span<const MatchedField> matched;
  // Every field of the event that has a value of its own; only when the sink wants them.
  std::span<const AlertField> event;
  // Values of the fields in RuleInfo::output_fields, under those names and in that order; none for
  // a field that the event lacks, several for one with several. Only when the sink wants them.
  std::span<const AlertField> output_fields;
  // Correlations only: the group, the value that was compared (a count, sum, percentile …), the
  // window's ends and rules.
  std::span<const AlertField> group;
  double value = 0;
  TimeNs first_time = 0;
  std::uint64_t event_count = 1;            // events behind this alert
  std::span<const std::string_view> rules;  // titles of the rules that took part

  std::string_view role(Role which) const { return roles[static_cast<std::size_t>(which)]; }
};

}  // namespace vedette::event
