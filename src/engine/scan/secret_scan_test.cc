// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/secret_scan.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

class Kept : public event::FindingSink {
 public:
  Result<void> write(const event::Finding& finding) override {
    lines.push_back(finding.place.path + ":" + std::to_string(finding.place.line) + " " +
                    finding.rule->id);
    return {};
  }
  Result<void> finish(const event::ScanSummary&) override {
    ++finished;
    return {};
  }
  std::vector<std::string> lines;
  int finished = 0;
};

class SecretScan : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "secret_scan_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    add("rules.toml",
        "[[rules]]\nid = 'acme'\nregex = '''\\b(acme_[0-9a-zA-Z]{24})\\b'''\nkeywords = "
        "['acme_']\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Result<event::ScanSummary> scan(Kept& sink, unsigned threads, const std::string& target,
                                  std::optional<BaselineUse> baseline = std::nullopt) {
    SecretScanOptions options;
    options.targets = {(folder_ / target).string()};
    options.rules.packs = {(folder_ / "rules.toml").string()};
    options.threads = threads;
    if (baseline) {
      options.baseline = (folder_ / "baseline").string();
      options.baseline_use = *baseline;
    }
    return scan_secrets(options, sink, stop_, {});
  }

  fs::path folder_;
  std::atomic<bool> stop_ = false;
  const std::string token_ = std::string("acme_") + "q7Zr2LmX9vB4tKc8Wd3HsYpN";
};

TEST_F(SecretScan, OrderDoesNotDependOnThreads) {
  for (int i = 0; i < 500; ++i) {
    add("tree/" + std::to_string(i % 7) + "/f" + std::to_string(i),
        std::string(static_cast<std::size_t>(i), '\n') + (i % 3 == 0 ? token_ : "nothing"));
  }
  Kept one;
  const auto summary = scan(one, 1, "tree");
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->files, 500U);
  EXPECT_EQ(summary->findings, 167U);
  EXPECT_EQ(one.lines.size(), 167U);
  EXPECT_EQ(one.finished, 1);
  for (const unsigned threads : {2U, 5U}) {
    Kept many;
    ASSERT_TRUE(scan(many, threads, "tree").has_value());
    EXPECT_EQ(many.lines, one.lines);
  }
}

TEST_F(SecretScan, LeavesOutGitFoldersAndCountsWhatItPassesOver) {
  add("tree/.git/config", token_);
  add("tree/a.bin", std::string("\0\0", 2) + token_);
  add("tree/b.txt", token_);
  Kept sink;
  const auto summary = scan(sink, 1, "tree");
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->findings, 1U);
  ASSERT_EQ(summary->skipped.size(), 1U);
  EXPECT_EQ(summary->skipped[0].reason, "binary");
  EXPECT_FALSE(summary->skipped[0].loss);
  // Named itself, it is scanned.
  Kept named;
  ASSERT_TRUE(scan(named, 1, "tree/.git").has_value());
  EXPECT_EQ(named.lines.size(), 1U);
}

TEST_F(SecretScan, SaysWhatCannotBeDone) {
  Kept sink;
  EXPECT_FALSE(scan(sink, 1, "gone").has_value());
  add("rules.toml", "[[rules]]\nid = 'bad'\nregex = '('\n");
  add("tree/a", "text");
  const auto none = scan(sink, 1, "tree");
  ASSERT_FALSE(none.has_value());
  EXPECT_NE(none.error().message.find("rules.toml"), std::string::npos) << none.error().message;
  EXPECT_EQ(sink.finished, 0);
}

TEST_F(SecretScan, ABaselineIsMadeAndKeepsQuiet) {
  add("tree/a", token_);
  Kept first;
  const auto missing = scan(first, 1, "tree", BaselineUse::kRead);
  EXPECT_FALSE(missing.has_value());
  const auto made = scan(first, 1, "tree", BaselineUse::kUpdate);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->findings, 1U);
  add("tree/moved/b", "\n\n" + token_);
  add("tree/c", std::string("acme_") + "Zp4Kx8Rt2WqLm6Vb9Hc3NdYs");
  Kept second;
  const auto again = scan(second, 1, "tree", BaselineUse::kRead);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->in_baseline, 2U);
  EXPECT_EQ(again->findings, 1U);
  ASSERT_EQ(second.lines.size(), 1U);
  EXPECT_NE(second.lines[0].find("/c:1"), std::string::npos);
}

TEST_F(SecretScan, StopsWhenAsked) {
  add("tree/a", token_);
  stop_ = true;
  Kept sink;
  const auto summary = scan(sink, 2, "tree");
  ASSERT_TRUE(summary.has_value());
  EXPECT_TRUE(summary->interrupted);
  EXPECT_EQ(summary->findings, 0U);
  EXPECT_EQ(sink.finished, 1);
}

}  // namespace
}  // namespace vedette::engine
