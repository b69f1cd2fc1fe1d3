// SPDX-License-Identifier: Apache-2.0
#include "ingest/file_walk.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <random>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

struct Walked {
  Names names;
  SkipTally skipped;
  std::vector<Diagnostic> problems;
};

Walked walk_all(const Names& targets, IgnoreOptions options, const std::string& without) {
  Walked walked;
  auto walk = FileWalk::create(targets, std::move(options));
  if (!walk) return walked;
  FileWalk::Chunk chunk;
  for (std::uint64_t number = 0; (*walk)->take(chunk); ++number) {
    EXPECT_EQ(chunk.number, number);
    for (const FileWalk::Entry& entry : chunk.entries) {
      std::string name(chunk.path(entry));
      if (name.starts_with(without)) name.erase(0, without.size());
      walked.names.push_back(std::move(name));
    }
    walked.skipped.add(chunk.skipped);
  }
  walked.problems = (*walk)->problems();
  return walked;
}

// What a program prints, cut at NULs; nothing when it cannot be run.
std::optional<Names> run(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    text.append(buffer.data(), got);
  if (::pclose(pipe) != 0) return std::nullopt;
  Names names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\0', at);
    names.push_back(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return names;
}

// A repository as git makes it, that depends on no account.
class Repository {
 public:
  bool create(const std::string& name = "") const {
    return git(name, "init -q . 2>/dev/null").has_value();
  }
  std::optional<Names> git(const std::string& name, const std::string& arguments) const {
    return run("cd '" + folder.path(name) +
               "' && HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git " +
               arguments);
  }
  IgnoreOptions options() const {
    IgnoreOptions options;
    options.list_tracked = [this](const GitFolder& at) -> Result<Names> {
      const std::string root = at.own.substr(folder.path("").size());
      return git(root.substr(0, root.size() - 4), "ls-files -z").value_or(Names{});
    };
    return options;
  }
  // What git would look at, and what we do.
  Names expected() const {
    Names names =
        git("", "ls-files -z --cached --others --exclude-standard --deduplicate").value_or(Names{});
    std::ranges::sort(names);
    return names;
  }
  Names walked() const { return walk_all({folder.path("")}, options(), folder.path("")).names; }

  TestFolder folder;
};

TEST(FileWalk, IgnoresWhatGitIgnores) {
  const Repository repository;
  ASSERT_TRUE(repository.create()) << "needs git";
  const TestFolder& folder = repository.folder;
  folder.add(".gitignore",
             "*.log\n!keep.log\n/build/\ndocs/**/secret\n\\#hash\n\\!bang\ntrail \nkept\\ \n"
             "foo**\na[!b-d]c\n[[:digit:]]x\ncr\r\n**/deep/*.o\nx/**/y\nabs/only\n\xEF\xBB\xBFz\n"
             "[]]close\n[a-\nq?[\\]]\ntracked.env\nignored/\n");
  for (const char* name : {"a.log",
                           "keep.log",
                           "build/x",
                           "sub/build/x",
                           "docs/secret",
                           "docs/a/b/secret",
                           "#hash",
                           "!bang",
                           "trail",
                           "trail ",
                           "kept ",
                           "kept",
                           "foobar/baz",
                           "sub/foobar",
                           "axc",
                           "abc",
                           "1x",
                           "cr",
                           "deep/a.o",
                           "p/q/deep/a.o",
                           "deep/r/a.o",
                           "x/y",
                           "x/1/2/y",
                           "abs/only",
                           "sub/abs/only",
                           "z",
                           "]close",
                           "[a-",
                           "qx]",
                           "tracked.env",
                           "other.env",
                           "ignored/tracked",
                           "ignored/deep/tracked",
                           "ignored/untracked",
                           "sub/.hidden/a",
                           "a\nb",
                           "\xFF\xFE"}) {
    folder.add(name, "text");
  }
  folder.add("sub/.gitignore", "!*.log\n/only\n*.tmp/\n");
  for (const char* name : {"sub/a.log", "sub/only", "sub/r/only", "sub/q.tmp/a", "sub/r.tmp"})
    folder.add(name, "text");
  folder.add(".git/info/exclude", "excluded\n*.ex\n!sub/not.ex\n");
  for (const char* name : {"excluded", "sub/a.ex", "sub/not.ex"}) folder.add(name, "text");
  ASSERT_TRUE(repository.git("", "add -f tracked.env ignored/tracked ignored/deep/tracked"));
  EXPECT_EQ(repository.walked(), repository.expected());
}

TEST(FileWalk, AgreesWithGitOnAnyPattern) {
  const Repository repository;
  ASSERT_TRUE(repository.create()) << "needs git";
  std::mt19937 random(7);
  const auto pick = [&random](const auto& from) { return from[random() % std::size(from)]; };
  const Names parts = {"a", "b", "ab", "ba", "c.o", "a.o"};
  for (int i = 0; i < 300; ++i) {
    std::string name = pick(parts);
    for (auto depth = random() % 4; depth > 0; --depth) name.insert(0, pick(parts) + "/");
    // Where a file is in the way of a folder, the name is left out.
    std::error_code error;
    fs::create_directories(fs::path(repository.folder.path(name)).parent_path(), error);
    if (!error && !fs::is_directory(repository.folder.path(name))) repository.folder.add(name, "");
  }
  Names folders = {""};
  for (const auto& entry : fs::recursive_directory_iterator(repository.folder.path(""))) {
    const std::string name = entry.path().lexically_relative(repository.folder.path("")).string();
    if (entry.is_directory() && !name.starts_with(".git")) folders.push_back(name + "/");
  }
  const Names pieces = {"a",    "b",   "*",   "**",  "/",     "/",  "?",    ".o",          "[ab]",
                        "[^a]", "**/", "/**", "\\a", "\\*",   "!",  "[!a-", "[[:alpha:]]", "***",
                        "a/",   "]",   " ",   "\\",  "[b-a]", "[]", "#",    "/*/"};
  for (int round = 0; round < 60; ++round) {
    Names written;
    for (int file = 0; file < 3; ++file) {
      std::string text;
      for (int line = 0; line < 4; ++line) {
        if (random() % 4 == 0) text += '!';
        for (auto count = 1 + random() % 5; count > 0; --count) text += pick(pieces);
        text += random() % 8 == 0 ? "\r\n" : "\n";
      }
      written.push_back(repository.folder.add(pick(folders) + ".gitignore", text));
    }
    ASSERT_EQ(repository.walked(), repository.expected()) << "round " << round;
    for (const std::string& name : written) fs::remove(name);
  }
}

TEST(FileWalk, FilesAboveTheTargetAndOfTheAccountHold) {
  const Repository repository;
  ASSERT_TRUE(repository.create()) << "needs git";
  const TestFolder& folder = repository.folder;
  folder.add(".gitignore", "/in/target/no\n*.up\n");
  folder.add("in/.gitignore", "target/neither\n");
  folder.add("account", "*.mine\n");
  folder.add("config", "[user]\nname = x\n[core]\n\texcludesFile = \"" + folder.path("account") +
                           "\" # by account\n");
  for (const char* name : {"no", "neither", "a.up", "b.mine", "yes"})
    folder.add(std::string("in/target/") + name, "");
  IgnoreOptions options;
  options.account.configs = {folder.path("config")};
  const std::string target = folder.path("in/target/");
  EXPECT_EQ(walk_all({target}, options, target).names, Names{"yes"});
  options.git = false;
  EXPECT_EQ(walk_all({target}, options, target).names,
            (Names{"a.up", "b.mine", "neither", "no", "yes"}));
}

TEST(FileWalk, ARepositoryInARepositoryHasItsOwnRules) {
  const Repository repository;
  ASSERT_TRUE(repository.create()) << "needs git";
  const TestFolder& folder = repository.folder;
  folder.add(".gitignore", "*.log\n");
  folder.add("inner/a.log", "");
  folder.add("inner/b.txt", "");
  ASSERT_TRUE(repository.create("inner"));
  folder.add("inner/.gitignore", "*.txt\n");
  EXPECT_EQ(repository.walked(), (Names{".gitignore", "inner/.gitignore", "inner/a.log"}));
}

TEST(FileWalk, OwnIgnoreFilesAndExcludesHoldAlways) {
  const TestFolder folder;
  folder.add(".vedetteignore", "fixtures/\n*.pem\n!keep.pem\n");
  folder.add(".gitignore", "*.txt\n");  // outside of a repository it means nothing
  for (const char* name : {"a.txt", "fixtures/a", "b.pem", "keep.pem", "x/vendor/y", "x/z"})
    folder.add(name, "");
  IgnoreOptions options;
  options.git = false;
  options.excludes = {"vendor", "/x/z"};
  const Walked walked = walk_all({folder.path("")}, options, folder.path(""));
  EXPECT_EQ(walked.names, (Names{".gitignore", ".vedetteignore", "a.txt", "keep.pem"}));
  EXPECT_EQ(walked.skipped.of(SkipReason::kIgnoredByOwnFile).count, 2U);
  EXPECT_EQ(walked.skipped.of(SkipReason::kExcluded).count, 2U);
  // A file that is named is asked too.
  EXPECT_TRUE(walk_all({folder.path("x/vendor")}, options, "").names.size() == 1);
  options.excludes = {"*.txt"};
  EXPECT_TRUE(walk_all({folder.path("a.txt")}, options, "").names.empty());
}

TEST(FileWalk, IgnoreFilesHaveABoundInAll) {
  const TestFolder folder;
  const std::string large((std::size_t{1} << 20) - 100, '#');
  std::string at;
  for (int depth = 0; depth < 8; ++depth, at += "d/") {
    folder.add(at + ".vedetteignore", large + "\nignored\n");
    folder.add(at + "ignored", "");
    fs::create_directory(folder.path(at + "d"));
  }
  folder.add(at + ".vedetteignore", large + large);
  // The rules of the uppermost hold below, so only what is said changes.
  const Walked walked = walk_all({folder.path("")}, {}, folder.path(""));
  EXPECT_EQ(walked.skipped.of(SkipReason::kIgnoredByOwnFile).count, 8U);
  EXPECT_GE(walked.problems.size(), 4U);
  EXPECT_NE(walked.problems[0].message.find("expected at most"), std::string::npos);
}

TEST(FileWalk, NeitherFollowsLinksNorOpensWhatIsNoFile) {
  const TestFolder folder;
  folder.add("a", "");
  folder.add("d/b", "");
  fs::create_symlink("a", folder.path("link"));
  fs::create_directory_symlink("..", folder.path("d/loop"));
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  const Walked walked = walk_all({folder.path("")}, {}, folder.path(""));
  EXPECT_EQ(walked.names, (Names{"a", "d/b"}));
  EXPECT_EQ(walked.skipped.of(SkipReason::kLink).count, 2U);
  EXPECT_EQ(walked.skipped.of(SkipReason::kSpecial).count, 1U);
  // A target is followed.
  EXPECT_EQ(walk_all({folder.path("link")}, {}, folder.path("")).names, Names{"link"});
}

TEST(FileWalk, OrderIsThatOfThePathsBytes) {
  const TestFolder folder;
  Names names = {"a-b", "a.c", "a/b", "a0", "aa/z", "\x01"};
  for (const std::string& name : names) folder.add(name, "");
  std::ranges::sort(names);
  EXPECT_EQ(walk_all({folder.path("")}, {}, folder.path("")).names, names);
}

TEST(FileWalk, AFolderDeeperThanDescriptorsGo) {
  const TestFolder folder;
  std::string at = folder.path("");
  // Beyond what one path may be long, too.
  const fs::path before = fs::current_path();
  fs::current_path(at);
  const std::string name(29, 'd');
  for (int depth = 0; depth < 200; ++depth) {
    ASSERT_EQ(::mkdir(name.c_str(), 0700), 0);
    ASSERT_EQ(::chdir(name.c_str()), 0);
    if (depth % 50 == 49) std::fclose(std::fopen("z", "w"));
  }
  fs::current_path(before);
  const Walked walked = walk_all({folder.path("")}, {}, folder.path(""));
  ASSERT_EQ(walked.names.size(), 4U);
  EXPECT_EQ(walked.names[0].size(), 6001U);
  EXPECT_EQ(walked.names[3].size(), 1501U);
}

TEST(FolderLister, AFullFolderIsListedByParts) {
  const TestFolder folder;
  Names names;
  for (int i = 0; i < 500; ++i) names.push_back("name" + std::to_string(i * 7919 % 500));
  for (const std::string& name : names) folder.add(name, "");
  std::ranges::sort(names);
  int error = 0;
  const auto open =
      OpenFolder::open(nullptr, folder.path("").c_str(), OpenFolder::Links::kRefuse, error);
  ASSERT_NE(open, nullptr);
  FolderLister lister(1000);
  Names listed;
  int lists = 0;
  do {
    ASSERT_TRUE(lister.list(*open).has_value());
    ++lists;
    for (FolderLister::Listed one; lister.next(one);) listed.emplace_back(one.name);
  } while (lister.more());
  EXPECT_EQ(listed, names);
  EXPECT_GT(lists, 5);
  EXPECT_LT(lister.bytes(), 8000U);
}

}  // namespace
}  // namespace vedette::ingest
