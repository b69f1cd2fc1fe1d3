// SPDX-License-Identifier: Apache-2.0
#include "rules/enforcement.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "rules/dialect.h"
#include "rules/falco/falco.h"

namespace vedette::rules {
namespace {

// What becomes of a rule that blocks, with the macros that rules are usually written with.
RuleSet load(std::string_view condition) {
  const LoadOptions options;
  auto loader = falco::make_loader(options);
  std::string text = R"(
- macro: open_read
  condition: (evt.type in (open,openat,openat2) and evt.is_open_read=true and fd.typechar='f' and fd.num>=0)
- macro: open_write
  condition: (evt.type in (open,openat,openat2) and evt.is_open_write=true and fd.typechar='f' and fd.num>=0)
- macro: spawned_process
  condition: (evt.type in (execve, execveat))
- macro: container
  condition: (container.id != host)
- rule: r
  desc: d
  output: o
  priority: INFO
  action: block
  condition: >
    )";
  text += condition;
  (*loader)->add_text(text + "\n", "rules.yaml");
  return (*loader)->finish();
}

std::vector<EnforcementEntry> entries_of(std::string_view condition) {
  const RuleSet set = load(condition);
  EXPECT_TRUE(set.refused.empty()) << set.refused.front().reason;
  if (set.rules.size() != 1) return {};
  EXPECT_TRUE(set.rules.front().block);
  return lower_to_enforcement(set.rules.front().condition).value();
}

std::string reason_of(std::string_view condition) {
  const RuleSet set = load(condition);
  EXPECT_TRUE(set.rules.empty());
  if (set.refused.size() != 1) return "no refusal";
  EXPECT_EQ(set.refused.front().file, "rules.yaml");
  EXPECT_GT(set.refused.front().line, 0U);
  return set.refused.front().reason;
}

bool agrees(const Expression& ask, std::string_view value) {
  return holds(ask, [&](const Expression& leaf) {
    const std::string& text = leaf.predicate.text;
    if (leaf.predicate.test == Test::kEquals) return text == value;
    if (leaf.predicate.test == Test::kStartsWith) return value.starts_with(text);
    if (leaf.predicate.test == Test::kEndsWith) return value.ends_with(text);
    return true;
  });
}

TEST(Enforcement, UsualMacrosAreEnforced) {
  const auto entries = entries_of("open_write and fd.name startswith /models/");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, EnforcedAction::kOpen);
  EXPECT_TRUE(agrees(entries[0].asks.at(EnforcedProperty::kPath), "/models/a"));
  EXPECT_FALSE(agrees(entries[0].asks.at(EnforcedProperty::kPath), "/other"));
  EXPECT_TRUE(entries[0].asks.contains(EnforcedProperty::kAccess));
  EXPECT_TRUE(entries[0].asks.contains(EnforcedProperty::kType));
}

TEST(Enforcement, AnExceptionIsPartOfWhatIsAsked) {
  const auto entries = entries_of(
      "open_read and container and (fd.name in (/a, /b) or fd.name startswith /c/) and not "
      "proc.name in (good, better)");
  ASSERT_EQ(entries.size(), 1U);
  const auto& asks = entries[0].asks;
  EXPECT_TRUE(asks.contains(EnforcedProperty::kContainer));
  EXPECT_FALSE(agrees(asks.at(EnforcedProperty::kName), "good"));
  EXPECT_TRUE(agrees(asks.at(EnforcedProperty::kName), "bad"));
  for (const char* path : {"/a", "/b", "/c/d"}) {
    EXPECT_TRUE(agrees(asks.at(EnforcedProperty::kPath), path)) << path;
  }
}

TEST(Enforcement, AlternativesOfSeveralPropertiesBecomeEntries) {
  const auto entries = entries_of(
      "spawned_process and (proc.exepath in (/a, /b) or proc.exepath endswith /miner or "
      "(proc.exepath startswith /tmp/ and container))");
  ASSERT_EQ(entries.size(), 3U);
  for (const EnforcementEntry& entry : entries) EXPECT_EQ(entry.action, EnforcedAction::kExec);
}

TEST(Enforcement, ARuleMayBlockSeveralActions) {
  const auto entries = entries_of(
      "(spawned_process and proc.exepath = /a) or (evt.type = connect and (evt.rawres >= 0 or "
      "evt.res = EINPROGRESS) and fd.sip = 10.0.0.1 and fd.sport = 443)");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].action, EnforcedAction::kConnect);
  EXPECT_TRUE(entries[1].asks.contains(EnforcedProperty::kAddress));
  EXPECT_TRUE(entries[1].asks.contains(EnforcedProperty::kPort));
}

TEST(Enforcement, WhatCannotBeDecidedExactlyIsRefused) {
  const struct {
    const char* condition;
    const char* reason;
  } cases[] = {
      {"spawned_process and proc.cmdline contains evil", "it asks for 'proc.cmdline'"},
      {"spawned_process and proc.exepath contains evil", "cannot decide"},
      {"open_read and fd.name contains evil", "use =, in, startswith or endswith"},
      {"proc.name = x", "names no evt.type"},
      {"evt.type in (open, openat, openat2, unlink) and fd.name = /a", "unlink"},
      {"evt.type = openat and fd.name = /a", "name both"},
      {"evt.type = connect and evt.rawres >= 0 and fd.sip = 10.0.0.1", "result of connect"},
      {"evt.type = connect", "refuse everything"},
      {"open_read and fd.num = 3 and fd.name = /a", "'fd.num' is not known"},
      {"open_read and proc.exepath = /a and evt.rawres < 0", "no attempt can match"},
      {"evt.type = connect and fd.sport < 1024 and fd.sip = 10.0.0.1", "use = or in"},
      {"open_read and tolower(fd.name) = /a", "cannot decide"},
  };
  for (const auto& each : cases) {
    const std::string reason = reason_of(each.condition);
    EXPECT_NE(reason.find("cannot be enforced because"), std::string::npos) << each.condition;
    EXPECT_NE(reason.find(each.reason), std::string::npos) << each.condition << ": " << reason;
  }
}

TEST(Enforcement, APathThatIsTooLongIsRefused) {
  const std::string path = "/" + std::string(kEnforcedPathMax, 'a');
  EXPECT_NE(reason_of("open_read and fd.name = " + path).find("256 bytes"), std::string::npos);
}

}  // namespace
}  // namespace vedette::rules
