// SPDX-License-Identifier: Apache-2.0
#include "cmd/rule_flags.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cmd/content_folder.h"

namespace vedette::cmd {
namespace {

TEST(RuleFlags, Durations) {
  EXPECT_EQ(parse_duration_ns("").value(), 0);
  EXPECT_EQ(parse_duration_ns("90").value(), 90 * kNsPerSecond);
  EXPECT_EQ(parse_duration_ns("15m").value(), 900 * kNsPerSecond);
  EXPECT_EQ(parse_duration_ns("2h").value(), 7200 * kNsPerSecond);
  EXPECT_EQ(parse_duration_ns("1d").value(), 86400 * kNsPerSecond);
  for (const char* wrong : {"m", "-1s", "1w", "1 s", "9999999999999d", "1s2"}) {
    const auto duration = parse_duration_ns(wrong);
    ASSERT_FALSE(duration.has_value()) << wrong;
    EXPECT_NE(duration.error().message.find(wrong), std::string::npos);
  }
}

TEST(RuleFlags, Levels) {
  EXPECT_EQ(level_names().front(), "critical");
  EXPECT_EQ(level_by_name("high"), event::Level::kHigh);
  EXPECT_EQ(level_by_name(""), event::Level::kInformational);
}

class ContentFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_ + "/source/content/logsources");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::string root_ = testing::TempDir() + "vedette_content_test";
};

TEST_F(ContentFolder, IsFoundFromABuildAndAnInstallation) {
  EXPECT_EQ(find_content_folder("", root_ + "/source/build/release/bin/vedette").value(),
            root_ + "/source/content");
  std::filesystem::create_directories(root_ + "/usr/share/vedette/content/logsources");
  EXPECT_EQ(find_content_folder("", root_ + "/usr/bin/vedette").value(),
            root_ + "/usr/share/vedette/content");
}

TEST_F(ContentFolder, IsTakenFromTheVariable) {
  EXPECT_EQ(find_content_folder(root_ + "/source/content", "/nowhere/bin/vedette").value(),
            root_ + "/source/content");
  // A wrong variable is not passed over in silence.
  const auto wrong = find_content_folder(root_, root_ + "/source/build/release/bin/vedette");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_NE(wrong.error().message.find("VEDETTE_CONTENT"), std::string::npos);
}

TEST_F(ContentFolder, BringsRulesOfBothLanguages) {
  const std::string content = root_ + "/source/content";
  EXPECT_EQ(shipped_rules(content), std::vector<std::string>{content + "/sigma"});
  std::filesystem::create_directories(content + "/falco");
  EXPECT_EQ(shipped_rules(content),
            (std::vector<std::string>{content + "/sigma", content + "/falco"}));
}

TEST_F(ContentFolder, SaysWhereItLooked) {
  const auto missing = find_content_folder("", root_ + "/elsewhere/x/bin/vedette");
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().message.find("/elsewhere/x/share/vedette/content"), std::string::npos);
}

}  // namespace
}  // namespace vedette::cmd
