// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/secret_rules.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

class SecretRulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("vedette_rules_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    options_.packs = {(folder_ / "pack.toml").string()};
    options_.cache_folder = (folder_ / "cache").string();
    write_pack("[[rules]]\nid = \"one\"\nregex = '''acme_[0-9]{4}'''\nkeywords = [\"acme\"]\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write_pack(const std::string& text) {
    ASSERT_TRUE(write_file_whole(options_.packs.front(), text));
  }
  // Ids of the rules, or why there are none.
  std::string load() {
    event::ScanSummary summary;
    const auto program = load_secret_rules(options_, summary);
    if (!program) return program.error().message;
    std::string ids;
    for (const auto& rule : (*program)->rules().rules) ids += rule.info.id + " ";
    EXPECT_EQ(summary.rules_loaded, (*program)->rules().rules.size());
    return ids + std::to_string(summary.rules_refused);
  }
  std::vector<fs::path> kept() const {
    std::vector<fs::path> files;
    const fs::path rules = folder_ / "cache" / "rules";
    if (!fs::exists(rules)) return files;
    for (const auto& entry : fs::directory_iterator(rules)) files.push_back(entry.path());
    return files;
  }

  fs::path folder_;
  SecretRulesOptions options_;
};

TEST_F(SecretRulesTest, AreKeptForTheNextStart) {
  EXPECT_EQ(load(), "one 0");
  ASSERT_EQ(kept().size(), 1U);
  const std::string bytes = read_file(kept()[0].string(), 1 << 20).value();
  EXPECT_EQ(load(), "one 0");
  EXPECT_EQ(read_file(kept()[0].string(), 1 << 20).value(), bytes);
  write_pack("[[rules]]\nid = \"two\"\nregex = '''acme_[0-9]{4}'''\nkeywords = [\"acme\"]\n");
  EXPECT_EQ(load(), "two 0");
  EXPECT_EQ(kept().size(), 2U);
}

TEST_F(SecretRulesTest, DamagedOnesAreReadAnew) {
  EXPECT_EQ(load(), "one 0");
  ASSERT_EQ(kept().size(), 1U);
  ASSERT_TRUE(write_file_whole(kept()[0].string(), "nonsense"));
  EXPECT_EQ(load(), "one 0");
  EXPECT_GT(fs::file_size(kept()[0]), 20U);
}

TEST_F(SecretRulesTest, WhatHasProblemsOrDependsOnOtherFilesIsNotKept) {
  write_pack(
      "[[rules]]\nid = \"one\"\nregex = '''a'''\n[[rules]]\nid = \"bad\"\nregex = '''('''\n");
  EXPECT_EQ(load(), "one 1");
  ASSERT_TRUE(write_file_whole((folder_ / "base.toml").string(),
                               "[[rules]]\nid = \"base\"\nregex = '''b'''\n"));
  write_pack("[extend]\npath = \"base.toml\"\n[[rules]]\nid = \"one\"\nregex = '''a'''\n");
  EXPECT_EQ(load(), "one base 0");
  options_.cache_folder.clear();
  EXPECT_EQ(load(), "one base 0");
  EXPECT_TRUE(kept().empty());
}

TEST_F(SecretRulesTest, AFolderThatCannotBeWrittenIsNoMatter) {
  options_.cache_folder = "/proc/none";
  EXPECT_EQ(load(), "one 0");
}

TEST_F(SecretRulesTest, SaysWhatIsMissing) {
  options_.packs = {(folder_ / "none").string()};
  EXPECT_NE(load().find("none"), std::string::npos);
}

}  // namespace
}  // namespace vedette::engine
