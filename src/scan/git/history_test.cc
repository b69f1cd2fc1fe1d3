// SPDX-License-Identifier: Apache-2.0
#include "scan/git/history.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <unistd.h>

#include "scan/git/staged.h"

namespace vedette::scan::git {
namespace {

namespace fs = std::filesystem;

// Repositories made by git itself.
class GitHistory : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "git_history_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  bool git(const std::string& arguments, const std::string& where = "r") {
    const std::string time = std::to_string(++time_);
    const std::string command =
        "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Ada "
        "GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada "
        "GIT_COMMITTER_EMAIL=ada@example.com GIT_AUTHOR_DATE='" +
        time + " +0000' GIT_COMMITTER_DATE='" + time + " +0000' git -C '" +
        (folder_ / where).string() + "' " + arguments + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }
  void make(const std::string& options = "", const std::string& where = "r") {
    fs::create_directories(folder_ / where);
    ASSERT_TRUE(git("init -q -b main " + options + " .", where));
  }
  void write(const std::string& name, const std::string& text, const std::string& where = "r") {
    const fs::path path = folder_ / where / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  void commit(const std::string& message, const std::string& where = "r") {
    ASSERT_TRUE(git("add -A", where));
    ASSERT_TRUE(git("commit -q -m '" + message + "'", where));
  }
  // Many versions of a file and of others, so that packs hold chains of deltas.
  void make_versions(int count) {
    for (int i = 0; i < count; ++i) {
      std::string text;
      for (int line = 0; line < 200; ++line)
        text += "line " + std::to_string(line == i * 7 % 200 ? i * 1000 : line) + "\n";
      write("src/a.txt", text);
      write("src/deep/b" + std::to_string(i % 5) + ".txt", "b " + std::to_string(i) + "\n");
      commit("version " + std::to_string(i));
    }
  }

  Result<std::unique_ptr<const History>> plan(const std::string& where = "r",
                                              std::vector<std::string> ranges = {},
                                              bool all_objects = false) {
    HistoryOptions options;
    options.repository = (folder_ / where).string();
    options.ranges = std::move(ranges);
    options.all_objects = all_objects;
    return History::plan(options, stop_);
  }
  // "path commit-number" of each blob to its bytes.
  std::map<std::string, std::string> read(const History& history) {
    std::map<std::string, std::string> blobs;
    auto reader = HistoryReader::create(history);
    EXPECT_TRUE(reader.has_value());
    for (std::uint32_t unit = 0; unit < history.units(); ++unit) {
      (*reader)->read(unit, [&](const HistoryBlob& blob) {
        const std::string key =
            history.path_of(blob.number) + " " + std::to_string(history.origin(blob.number).commit);
        blobs[key] = blob.bytes;
      });
    }
    lost_ = 0;
    for (const auto& skipped : (*reader)->losses().skipped()) lost_ += skipped.count;
    return blobs;
  }
  std::map<std::string, std::string> read_all(const std::string& where = "r") {
    const auto history = plan(where);
    EXPECT_TRUE(history.has_value()) << (history ? "" : history.error().message);
    if (!history) return {};
    EXPECT_TRUE((*history)->losses().skipped().empty());
    return read(**history);
  }

  fs::path folder_;
  int time_ = 1'700'000'000;
  std::atomic<bool> stop_ = false;
  std::uint64_t lost_ = 0;
};

TEST_F(GitHistory, EachBlobIsReadOnceWithItsFirstCommit) {
  make();
  write("a", "one\n");
  commit("first");
  write("b", "one\n");
  write("c", "two\n");
  commit("second");
  write("a", "three\n");
  commit("third");
  const auto history = plan();
  ASSERT_TRUE(history.has_value());
  EXPECT_EQ((*history)->commits(), 3U);
  const std::map<std::string, std::string> expected = {
      {"a 0", "one\n"}, {"c 1", "two\n"}, {"a 2", "three\n"}};
  EXPECT_EQ(read(**history), expected);
  auto reader = HistoryReader::create(**history);
  const event::FindingCommit second = (*history)->describe(1, (*reader)->objects());
  EXPECT_EQ(second.author, "Ada");
  EXPECT_EQ(second.email, "ada@example.com");
  EXPECT_EQ(second.subject, "second");
  EXPECT_EQ(second.id.size(), 40U);
}

TEST_F(GitHistory, PackingChangesNothing) {
  make();
  make_versions(60);
  const auto loose = read_all();
  EXPECT_EQ(loose.size(), 120U);
  ASSERT_TRUE(git("repack -adq --depth=50 --window=20"));
  EXPECT_EQ(read_all(), loose);
  EXPECT_EQ(lost_, 0U);
  ASSERT_TRUE(git("-c repack.useDeltaBaseOffset=false repack -adfq"));
  EXPECT_EQ(read_all(), loose);
  make_versions(10);
  const auto more = read_all();
  ASSERT_TRUE(git("repack -dq"));
  ASSERT_TRUE(git("multi-pack-index write"));
  EXPECT_EQ(read_all(), more);
  // What a multi-pack-index lists is read by it alone.
  for (const auto& file : fs::directory_iterator(folder_ / "r/.git/objects/pack")) {
    if (file.path().extension() == ".idx") fs::remove(file.path());
  }
  EXPECT_EQ(read_all(), more);
}

TEST_F(GitHistory, AllKindsOfRepositoriesAreRead) {
  make();
  make_versions(12);
  const auto expected = read_all();
  ASSERT_TRUE(git("clone -q --bare r bare", "."));
  EXPECT_EQ(read_all("bare"), expected);
  ASSERT_TRUE(git("clone -q --shared r borrowed", "."));
  EXPECT_EQ(read_all("borrowed"), expected);
  ASSERT_TRUE(git("worktree add -q ../tree -b other"));
  EXPECT_EQ(read_all("tree"), expected);
  EXPECT_EQ(read_all("r/src/deep"), expected);
  ASSERT_TRUE(git("clone -q --depth=3 file://" + (folder_ / "r").string() + " shallow", "."));
  const auto shallow = plan("shallow");
  ASSERT_TRUE(shallow.has_value());
  EXPECT_EQ((*shallow)->commits(), 3U);
  ASSERT_EQ((*shallow)->problems().size(), 1U);
  EXPECT_NE((*shallow)->problems()[0].message.find("shallow"), std::string::npos);
  make("--object-format=sha256", "wide");
  write("a", "wide\n", "wide");
  commit("one", "wide");
  ASSERT_TRUE(git("repack -adq", "wide"));
  EXPECT_EQ(read_all("wide"), (std::map<std::string, std::string>{{"a 0", "wide\n"}}));
  EXPECT_FALSE(plan("nowhere").has_value());
}

TEST_F(GitHistory, RangesAndReferences) {
  make();
  write("a", "1");
  commit("one");
  ASSERT_TRUE(git("tag -a v1 -m one"));
  ASSERT_TRUE(git("checkout -q -b topic"));
  write("a", "2");
  write("d/e", "3");
  commit("two");
  ASSERT_TRUE(git("checkout -q main"));
  write("m", "4");
  commit("three");
  const auto range = plan("r", {"main..topic"});
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(read(**range), (std::map<std::string, std::string>{{"a 0", "2"}, {"d/e 0", "3"}}));
  for (const char* name : {"v1", "main~1", "topic^", "refs/tags/v1"}) {
    const auto one = plan("r", {name});
    ASSERT_TRUE(one.has_value()) << name;
    EXPECT_EQ((*one)->commits(), 1U) << name;
  }
  EXPECT_FALSE(plan("r", {"gone..main"}).has_value());
  EXPECT_FALSE(plan("r", {"main...topic"}).has_value());
  ASSERT_TRUE(git("branch -D topic"));
  ASSERT_TRUE(git("reflog expire --expire=now --all"));
  EXPECT_EQ(read_all().size(), 2U);
  const auto all = plan("r", {}, true);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(read(**all).size(), 4U);
}

TEST_F(GitHistory, WhatIsKnownIsNotReadAgain) {
  make();
  write("a", "1");
  commit("one");
  ASSERT_TRUE(git("tag v1"));
  ASSERT_TRUE(git("checkout -q -b topic"));
  write("t", "2");
  commit("two");
  ASSERT_TRUE(git("checkout -q main"));
  write("m", "3");
  commit("three");
  const auto whole = plan();
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ((*whole)->tips().size(), 2U);
  EXPECT_EQ((*whole)->named().size(), 3U);
  const auto plan_news = [&](const History& known) {
    HistoryOptions options;
    options.repository = (folder_ / "r").string();
    options.known = known.tips();
    options.named = known.named();
    return History::plan(options, stop_);
  };
  const auto same = plan_news(**whole);
  ASSERT_TRUE(same.has_value());
  EXPECT_TRUE((*same)->known_holds());
  EXPECT_EQ((*same)->commits(), 0U);
  EXPECT_EQ((*same)->tips(), (*whole)->tips());
  EXPECT_TRUE(read(**same).empty());
  ASSERT_TRUE(git("merge -q -m merged topic"));
  write("m", "4");
  commit("four");
  ASSERT_TRUE(git("tag note main:m"));
  const auto news = plan_news(**whole);
  ASSERT_TRUE(news.has_value());
  EXPECT_TRUE((*news)->known_holds());
  EXPECT_EQ((*news)->commits(), 2U);
  EXPECT_EQ(read(**news).size(), 1U);
  EXPECT_EQ((*news)->tips().size(), 2U);  // the last commit, and the blob
  const auto later = plan_news(**news);
  ASSERT_TRUE(later.has_value());
  EXPECT_TRUE((*later)->known_holds());
  EXPECT_TRUE(read(**later).empty());
  // A branch that was known and is gone takes what only it led to with it.
  ASSERT_TRUE(git("branch -D topic"));
  ASSERT_TRUE(git("reset -q --hard v1"));
  ASSERT_TRUE(git("reflog expire --expire=now --all"));
  fs::remove(folder_ / "r/.git/ORIG_HEAD");
  const auto fewer = plan_news(**news);
  ASSERT_TRUE(fewer.has_value());
  EXPECT_FALSE((*fewer)->known_holds());
}

TEST_F(GitHistory, WhatWasMissingAndHasComeIsRead) {
  make();
  write("a", "1");
  commit("one");
  const fs::path object =
      folder_ / "r/.git/objects/56/a6051ca2b02b04ef92d5150c9ef600403cb1de";  // "1"
  ASSERT_TRUE(fs::exists(object));
  fs::rename(object, folder_ / "away");
  const auto history = plan();
  ASSERT_TRUE(history.has_value());
  EXPECT_TRUE((*history)->losses().is_lasting());
  HistoryOptions options;
  options.repository = (folder_ / "r").string();
  options.known = (*history)->tips();
  options.missing = (*history)->losses().missing();
  EXPECT_EQ(options.missing.size(), 1U);
  EXPECT_TRUE(History::plan(options, stop_).value()->known_holds());
  fs::rename(folder_ / "away", object);
  EXPECT_FALSE(History::plan(options, stop_).value()->known_holds());
}

TEST_F(GitHistory, DamageCostsItself) {
  make();
  make_versions(40);
  const std::size_t whole = read_all().size();
  ASSERT_TRUE(git("repack -adfq --depth=50"));
  fs::path pack;
  fs::path index;
  for (const auto& file : fs::directory_iterator(folder_ / "r/.git/objects/pack")) {
    if (file.path().extension() == ".pack") pack = file.path();
    if (file.path().extension() == ".idx") index = file.path();
  }
  std::ifstream file(pack, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  fs::permissions(pack, fs::perms::owner_write, fs::perm_options::add);
  for (std::size_t at = 12; at < bytes.size(); at += bytes.size() / 150) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    std::ofstream(pack, std::ios::binary) << damaged;
    const auto history = plan();
    if (!history) continue;
    const std::size_t found = read(**history).size();
    EXPECT_LE(found, whole) << at;
    EXPECT_TRUE(found == whole || lost_ != 0 || !(*history)->losses().skipped().empty()) << at;
  }
  std::ofstream(pack, std::ios::binary) << bytes;
  fs::resize_file(index, fs::file_size(index) / 2);
  const auto history = plan();
  ASSERT_TRUE(history.has_value());
  EXPECT_FALSE((*history)->problems().empty());
  EXPECT_FALSE((*history)->losses().skipped().empty());
}

std::vector<StagedFile> staged_of(const std::string& where) {
  std::vector<StagedFile> files;
  EXPECT_TRUE(
      read_staged(where, "", 1 << 20, [&](const StagedFile& file) { files.push_back(file); }));
  return files;
}

TEST_F(GitHistory, StagedIsWhatTheNextCommitBrings) {
  make();
  const std::string where = (folder_ / "r").string();
  write("a", "one\ntwo\n");
  ASSERT_TRUE(git("add a"));
  ASSERT_EQ(staged_of(where).size(), 1U);
  commit("one");
  EXPECT_TRUE(staged_of(where).empty());
  write("a", "one\nnew\ntwo\n");
  write("d/b", "b\n");
  ASSERT_TRUE(git("add -A"));
  write("unstaged", "x\n");
  for (const char* version : {"2", "4"}) {
    ASSERT_TRUE(git(std::string("update-index --index-version ") + version));
    const std::vector<StagedFile> staged = staged_of(where);
    ASSERT_EQ(staged.size(), 2U);
    EXPECT_EQ(staged[0].path, "a");
    ASSERT_EQ(staged[0].lines.size(), 1U);
    EXPECT_EQ(staged[0].lines[0].first, 2U);
    EXPECT_EQ(staged[0].lines[0].last, 2U);
    EXPECT_EQ(staged[1].path, "d/b");
  }
  ASSERT_TRUE(git("reset -q --hard"));
  ASSERT_TRUE(git("mv a moved"));
  EXPECT_TRUE(staged_of(where).empty());
}

}  // namespace
}  // namespace vedette::scan::git
