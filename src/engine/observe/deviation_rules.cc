// SPDX-License-Identifier: Apache-2.0
#include "engine/observe/deviation_rules.h"

namespace vedette::engine {
namespace {

using observe::DeviationKind;

struct Row {
  DeviationKind kind;
  std::string_view id;
  std::string_view title;
  event::Level level;
  std::string_view priority;
};
constexpr auto kRows = std::to_array<Row>({
    {DeviationKind::kImage, "profile-image", "Image without a profile", event::Level::kLow,
     "Notice"},
    {DeviationKind::kExecutable, "profile-executable", "Executable not in the profile",
     event::Level::kHigh, "Error"},
    {DeviationKind::kParent, "profile-parent", "Executable started by another parent",
     event::Level::kMedium, "Warning"},
    {DeviationKind::kFile, "profile-file", "File written that is not in the profile",
     event::Level::kMedium, "Warning"},
    {DeviationKind::kListen, "profile-listen", "Listening port not in the profile",
     event::Level::kMedium, "Warning"},
    {DeviationKind::kDestination, "profile-destination", "Destination not in the profile",
     event::Level::kMedium, "Warning"},
    {DeviationKind::kSystemCall, "profile-system-call", "System call not in the profile",
     event::Level::kMedium, "Warning"},
});
static_assert(kRows.size() == observe::kDeviationKinds);

constexpr auto kFields = std::to_array<std::string_view>(
    {"profile.value", "profile.nearest", "profile.image", "container.id", "container.name",
     "proc.exepath", "proc.pid", "proc.cmdline", "evt.type"});

}  // namespace

std::span<const std::string_view> deviation_fields() { return kFields; }

std::array<event::RuleInfo, observe::kDeviationKinds> deviation_rules(const std::string& file) {
  std::array<event::RuleInfo, observe::kDeviationKinds> rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Row& row = kRows[i];
    event::RuleInfo& rule = rules[i];
    rule.id = row.id;
    rule.title = row.title;
    rule.description = "Behaviour that was not seen while the profile of the image was learned.";
    rule.level = row.level;
    rule.logsource = "linux//";
    rule.file = file;
    rule.priority = row.priority;
    rule.source = "syscall";
    rule.output = {{rule.title + ": ", 0, 0}, {"; nearest known: ", 1, 0},
                   {" (image ", 2, 0},        {", container ", 3, 0},
                   {", process ", 5, 0},      {")", event::OutputPart::kNoField, 0}};
    rule.output_fields.assign(kFields.begin(), kFields.end());
    rule.output_kinds.assign(kFields.size(), event::Kind::kString);
  }
  return rules;
}

}  // namespace vedette::engine
