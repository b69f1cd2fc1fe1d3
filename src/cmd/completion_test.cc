// SPDX-License-Identifier: Apache-2.0
#include "cmd/completion.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>

namespace vedette::cmd {
namespace {

Command tool() {
  static std::string format;
  static std::vector<std::string> rules;
  Command run{"detect", "Runs it's rules.", ""};
  run.flags = {{"-r,--rules", "PATH", "Rules.", &rules, {}, ValueKind::kPath},
               {"--format", "FORMAT", "Form.", &format, {"json", "csv"}, ValueKind::kChoice}};
  run.arguments = {{"INPUT", "What to read.", &rules}};
  Command lint{"lint", "Lints.", ""};
  lint.flags = {{"--strict", "", "Strict.", &format}};
  Command group{"rules", "Groups.", ""};
  group.commands = {lint};
  Command root{"vedette", "", ""};
  root.commands = {run, group};
  return root;
}

// What bash offers for the words, the last of which is being typed.
std::string offered(const std::string& words) {
  const std::string script = completion_script(tool(), "bash") + "COMP_WORDS=(" + words +
                             ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_vedette\n"
                             "echo \"${COMPREPLY[*]}\"\n";
  const std::string file = testing::TempDir() + "vedette_completion_test.sh";
  std::FILE* out = std::fopen(file.c_str(), "w");
  std::fwrite(script.data(), 1, script.size(), out);
  std::fclose(out);
  std::string said;
  const auto close = [](std::FILE* pipe) { pclose(pipe); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(
      popen(("cd / && bash " + file + " 2>&1").c_str(), "r"), close);
  char buffer[4096];
  while (std::fgets(buffer, sizeof(buffer), pipe.get()) != nullptr) said += buffer;
  std::remove(file.c_str());
  return said;
}

TEST(Completion, BashOffersWhatFits) {
  if (std::system("command -v bash >/dev/null") != 0) GTEST_SKIP() << "bash is not installed";
  EXPECT_EQ(offered("vedette det"), "detect\n");
  EXPECT_EQ(offered("vedette rules li"), "lint\n");
  EXPECT_EQ(offered("vedette rules lint --s"), "--strict\n");
  EXPECT_EQ(offered("vedette detect --format ''"), "json csv\n");
  EXPECT_EQ(offered("vedette detect --ru"), "--rules\n");
  EXPECT_NE(offered("vedette detect /us").find("/usr"), std::string::npos);
  EXPECT_NE(offered("vedette detect --rules /us").find("/usr"), std::string::npos);
}

TEST(Completion, FishQuotesAndNests) {
  const std::string script = completion_script(tool(), "fish");
  EXPECT_NE(script.find("-a 'detect' -d 'Runs it'\\''s rules.'"), std::string::npos) << script;
  EXPECT_NE(script.find("__fish_seen_subcommand_from rules; and __fish_seen_subcommand_from lint"),
            std::string::npos)
      << script;
  EXPECT_NE(script.find("-l rules -s r -r -F"), std::string::npos) << script;
}

TEST(Completion, KnowsThreeShells) {
  EXPECT_TRUE(completion_script(tool(), "zsh").starts_with("#compdef vedette\n"));
  EXPECT_EQ(completion_script(tool(), "tcsh"), "");
}

}  // namespace
}  // namespace vedette::cmd
