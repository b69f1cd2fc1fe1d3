// SPDX-License-Identifier: Apache-2.0
#include "cmd/command_line.h"

#include <gtest/gtest.h>

#include "base/nearest.h"

namespace vedette::cmd {
namespace {

struct Values {
  std::vector<std::string> rules;
  std::string format;
  std::uint64_t count = 5;
  bool quiet = false;
  std::vector<std::string> inputs;
  std::string rule;
};

// "tool", with "run [flags] INPUT..." and "rules lint RULE".
Command tool(Values& values) {
  Command run{"run", "Runs.", "  tool run x   # an example\n"};
  run.flags = {{"-r,--rules", "PATH", "Rules.", &values.rules, {}, ValueKind::kPath},
               {"--format", "FORMAT", "Form.", &values.format, {"json", "csv"}, ValueKind::kChoice},
               {"--count", "N", "Count.", &values.count},
               {"-q,--quiet", "", "Quiet.", &values.quiet}};
  run.arguments = {{"INPUT", "What to read.", &values.inputs}};
  run.run = [] { return 0; };
  Command lint{"lint", "Lints.", ""};
  lint.arguments = {{"RULE", "Which.", &values.rule, true, ValueKind::kText}};
  lint.run = [] { return 0; };
  Command rules{"rules", "Groups.", ""};
  rules.commands = {lint};
  Command root{"tool", "A tool.", ""};
  root.commands = {run, rules};
  return root;
}

TEST(CommandLine, FillsTargetsOfTheChosenCommand) {
  Values values;
  const Command root = tool(values);
  const Parsed parsed = parse_command_line(
      root, {"run", "-r", "a", "--rules=b", "in1", "-q", "--count", "7", "in2"}, "1");
  ASSERT_NE(parsed.command, nullptr) << parsed.error;
  EXPECT_EQ(parsed.command->name, "run");
  EXPECT_EQ(values.rules, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(values.inputs, (std::vector<std::string>{"in1", "in2"}));
  EXPECT_EQ(values.count, 7U);
  EXPECT_TRUE(values.quiet);
}

TEST(CommandLine, TakesOneValuePerFlag) {
  Values values;
  const Command root = tool(values);
  const Parsed parsed = parse_command_line(root, {"run", "--rules", "a", "in1", "-"}, "1");
  ASSERT_NE(parsed.command, nullptr) << parsed.error;
  EXPECT_EQ(values.rules, std::vector<std::string>{"a"});
  EXPECT_EQ(values.inputs, (std::vector<std::string>{"in1", "-"}));
}

TEST(CommandLine, FindsInnerCommands) {
  Values values;
  const Command root = tool(values);
  const Parsed parsed = parse_command_line(root, {"rules", "lint", "x"}, "1");
  ASSERT_NE(parsed.command, nullptr) << parsed.error;
  EXPECT_EQ(parsed.command->name, "lint");
  EXPECT_EQ(values.rule, "x");
}

TEST(CommandLine, AnswersHelpAndVersion) {
  Values values;
  const Command root = tool(values);
  EXPECT_EQ(parse_command_line(root, {"--version"}, "1.2 commit abc").output, "1.2 commit abc");
  const std::string help = parse_command_line(root, {"run", "--help"}, "1").output;
  EXPECT_NE(help.find("Usage: tool run [flags] INPUT..."), std::string::npos) << help;
  EXPECT_NE(help.find("--rules, -r PATH"), std::string::npos) << help;
  EXPECT_NE(help.find("(json, csv)"), std::string::npos) << help;
  EXPECT_NE(help.find("tool run x   # an example"), std::string::npos) << help;
  EXPECT_NE(parse_command_line(root, {"-h"}, "1").output.find("Commands:"), std::string::npos);
  EXPECT_NE(parse_command_line(root, {"-h"}, "1").output.find("--version"), std::string::npos);
  EXPECT_EQ(help.find("--version"), std::string::npos) << "only the program has one";
}

TEST(CommandLine, SaysWhatWasMeant) {
  Values values;
  const Command root = tool(values);
  const auto error = [&](const std::vector<std::string>& words) {
    const Parsed parsed = parse_command_line(root, words, "1");
    EXPECT_EQ(parsed.command, nullptr);
    return parsed.error;
  };
  EXPECT_NE(error({"run", "--rulse", "a", "in"}).find("did you mean --rules?"), std::string::npos);
  EXPECT_NE(error({"rum", "in"}).find("did you mean run?"), std::string::npos);
  EXPECT_NE(error({"rules", "lnt"}).find("did you mean lint?"), std::string::npos);
  EXPECT_NE(error({}).find("expected one of run, rules"), std::string::npos) << error({});
  EXPECT_NE(error({"run"}).find("INPUT"), std::string::npos) << error({"run"});
  EXPECT_NE(error({"run", "--format", "xml", "in"}).find("xml"), std::string::npos);
  EXPECT_NE(
      error({"run", "--count", "many", "in"}).find("--count: expected a number, found 'many'"),
      std::string::npos)
      << error({"run", "--count", "many", "in"});
  EXPECT_NE(error({"rules", "lint", "x", "y"}).find("no further argument"), std::string::npos);
}

TEST(CommandLine, NearestKeepsItsDistance) {
  const std::vector<std::string> commands = {"detect", "rules"};
  EXPECT_EQ(nearest("detct", commands), "detect");
  EXPECT_EQ(nearest("xyz", commands), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), commands), "");
  EXPECT_EQ(nearest("-x", std::vector<std::string>{"-r", "--rules"}), "");
}

}  // namespace
}  // namespace vedette::cmd
