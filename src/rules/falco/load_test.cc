// SPDX-License-Identifier: Apache-2.0
#include "rules/load.h"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rules/falco/falco.h"

namespace vedette::rules::falco {
namespace {

RuleSet loaded(std::string_view text) { return load_text(text, "rules.yaml", {}).value(); }

constexpr std::string_view kShell = R"yaml(
- macro: spawned
  condition: evt.type in (execve, execveat)
- rule: Shell in a container
  desc: A shell was started.
  condition: spawned and container.id != host and proc.name = bash
  output: "*Shell%% (proc=%proc.name again=%proc.name tree=%proc.aname[2] dir=%20proc.cwd end=%fd.name.)"
  priority: WARNING
  tags: [shell, mitre_execution, T1059, shell]
)yaml";

TEST(FalcoLoad, RulesCarryWhatTheySay) {
  const RuleSet set = loaded(kShell);
  ASSERT_EQ(set.rules.size(), 1U);
  EXPECT_TRUE(set.refused.empty());
  const event::RuleInfo& info = set.rules[0].info;
  EXPECT_EQ(info.id, "Shell in a container");
  EXPECT_EQ(info.title, "Shell in a container");
  EXPECT_EQ(info.description, "A shell was started.");
  EXPECT_EQ(info.level, event::Level::kMedium);
  EXPECT_EQ(info.priority, "Warning");
  EXPECT_EQ(info.source, "syscall");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"T1059", "mitre_execution", "shell"}));
  EXPECT_EQ(info.logsource, "falco//syscall");
  EXPECT_EQ(info.file, "rules.yaml");
  EXPECT_EQ(info.line, 4U);
  EXPECT_EQ(set.rules[0].logsource.product, "falco");
  EXPECT_EQ(set.rules[0].logsource.service, "syscall");
  EXPECT_TRUE(set.rules[0].first_match);
}

TEST(FalcoLoad, OutputsBecomeParts) {
  const RuleSet set = loaded(kShell);
  ASSERT_EQ(set.rules.size(), 1U);
  const event::RuleInfo& info = set.rules[0].info;
  EXPECT_EQ(info.output_fields,
            (std::vector<std::string>{"proc.name", "proc.aname[2]", "proc.cwd", "fd.name"}));
  std::string text;
  for (const event::OutputPart& part : info.output) {
    text += part.text;
    if (part.field == event::OutputPart::kNoField) continue;
    text += fmt::format("<{}:{}>", part.field, part.width);
  }
  EXPECT_EQ(text, "Shell% (proc=<0:0> again=<0:0> tree=<1:0> dir=<2:20> end=<3:0>.)");
}

TEST(FalcoLoad, PrioritiesHaveLevels) {
  struct Row {
    std::string_view written;
    std::string_view priority;
    event::Level level;
  };
  using event::Level;
  for (const Row& row :
       {Row{"emergency", "Emergency", Level::kCritical}, Row{"ALERT", "Alert", Level::kCritical},
        Row{"Critical", "Critical", Level::kCritical}, Row{"error", "Error", Level::kHigh},
        Row{"warning", "Warning", Level::kMedium}, Row{"notice", "Notice", Level::kLow},
        Row{"informational", "Informational", Level::kInformational},
        Row{"INFO", "Informational", Level::kInformational},
        Row{"debug", "Debug", Level::kInformational}}) {
    const RuleSet set = loaded(fmt::format(
        "- rule: r\n  desc: d\n  condition: evt.type = x\n  output: o\n  priority: {}\n",
        row.written));
    ASSERT_EQ(set.rules.size(), 1U) << row.written;
    EXPECT_EQ(set.rules[0].info.priority, row.priority);
    EXPECT_EQ(set.rules[0].info.level, row.level);
  }
}

TEST(FalcoLoad, TellsItsFilesFromSigmas) {
  EXPECT_TRUE(recognises(kShell));
  EXPECT_TRUE(recognises("# text\n\n---\n- required_engine_version: 0.50.0\n"));
  EXPECT_TRUE(recognises("  - desc: x\n    rule: y\n"));
  EXPECT_TRUE(recognises("\xEF\xBB\xBF- list: a\n"));
  EXPECT_FALSE(recognises("title: x\nrules:\n- rule: y\n"));
  EXPECT_FALSE(recognises("- title: x\n"));
  EXPECT_FALSE(recognises(""));
  EXPECT_FALSE(recognises("-"));
}

TEST(FalcoLoad, ConditionsMayNotExplode) {
  // Each macro doubles the one before it.
  std::string text = "- macro: m0\n  condition: proc.name = a\n";
  for (int i = 1; i < 40; ++i) {
    text += fmt::format("- macro: m{}\n  condition: m{} or m{}\n", i, i - 1, i - 1);
  }
  text += "- rule: r\n  desc: d\n  condition: m39\n  output: o\n  priority: info\n";
  const RuleSet set = loaded(text);
  ASSERT_EQ(set.refused.size(), 1U);
  EXPECT_NE(set.refused[0].reason.find("comparisons with its macros"), std::string::npos)
      << set.refused[0].reason;
}

TEST(FalcoLoad, ListsMayNotExplode) {
  std::string text = "- list: l0\n  items: [a]\n";
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "l1, ";
  text += "- list: l1\n  items: [" + many + "x]\n- list: l2\n  items: [" + many + "x]\n";
  text += "- rule: r\n  desc: d\n  condition: proc.name in (";
  for (int i = 0; i < 2000; ++i) text += "l2, ";
  text += "x)\n  output: o\n  priority: info\n";
  const RuleSet set = loaded(text);
  ASSERT_EQ(set.refused.size(), 1U);
}

TEST(FalcoLoad, PublicRulesLoad) {
  const char* folder = std::getenv("VEDETTE_DATA");
  const std::string data = folder != nullptr ? folder : VEDETTE_SOURCE_DIR "/../shared/data";
  const std::string rules = data + "/falco/rules";
  if (!std::filesystem::is_directory(rules)) GTEST_SKIP() << "no Falco rules at " << rules;
  LoadOptions options;
  options.paths = {rules};
  const RuleSet set = load(options).value();
  for (const Refusal& refusal : set.refused) {
    ADD_FAILURE() << refusal.file << ":" << refusal.line << " " << refusal.rule << ": "
                  << refusal.reason;
  }
  EXPECT_EQ(set.rules.size() + set.disabled.size(), 93U);
}

}  // namespace
}  // namespace vedette::rules::falco
