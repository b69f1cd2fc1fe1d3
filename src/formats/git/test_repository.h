// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

// Repositories for tests, made by git itself: what it writes is what must be read.
namespace vedette::formats::git {

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Git makes many of its files read-only.
inline void overwrite(const std::string& path, std::string_view bytes) {
  std::filesystem::remove(path);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// A folder that is gone after the test, and git in it: nothing of the user's configuration counts,
// and each command is a minute after the one before, so that ids are the same at every run.
class TestRepositories {
 public:
  TestRepositories() {
    std::string name = (std::filesystem::temp_directory_path() / "git_test.XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~TestRepositories() { std::filesystem::remove_all(folder_); }
  TestRepositories(const TestRepositories&) = delete;
  TestRepositories& operator=(const TestRepositories&) = delete;

  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  // What git writes to its standard output; expects it to succeed.
  std::string git(std::string_view repository, const std::vector<std::string>& arguments) {
    const std::string path_of_out = folder_ + "/.output";
    const std::string date = fmt::format("{} +0000", seconds_ += 60);
    const std::string who = "A U Thor";
    const std::string mail = "author@example.com";
    const pid_t child = ::fork();
    if (child == 0) {
      const auto set = [](const char* name, const std::string& value) {
        ::setenv(name, value.c_str(), 1);
      };
      for (const char* name : {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"}) ::unsetenv(name);
      for (const char* name : {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"}) set(name, "/dev/null");
      for (const char* role : {"AUTHOR", "COMMITTER"}) {
        set(fmt::format("GIT_{}_NAME", role).c_str(), who);
        set(fmt::format("GIT_{}_EMAIL", role).c_str(), mail);
        set(fmt::format("GIT_{}_DATE", role).c_str(), date);
      }
      set("LC_ALL", "C");
      const std::string where = path(repository);
      std::vector<const char*> command = {
          "git",       "-C", where.c_str(),     "-c", "init.defaultBranch=main",   "-c",
          "gc.auto=0", "-c", "core.fsync=none", "-c", "protocol.file.allow=always"};
      for (const std::string& argument : arguments) command.push_back(argument.c_str());
      command.push_back(nullptr);
      if (std::freopen(path_of_out.c_str(), "w", stdout) == nullptr ||
          std::freopen((path_of_out + ".errors").c_str(), "w", stderr) == nullptr) {
        ::_exit(126);
      }
      ::execvp("git", const_cast<char* const*>(command.data()));
      ::_exit(127);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << fmt::format("git {}: ", fmt::join(arguments, " "))
        << file_bytes(path_of_out + ".errors");
    return file_bytes(path_of_out);
  }
  // The same without the end of its line.
  std::string git_line(std::string_view repository, const std::vector<std::string>& arguments) {
    std::string text = git(repository, arguments);
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  void init(std::string_view repository, std::vector<std::string> options = {}) {
    std::filesystem::create_directories(path(repository));
    options.insert(options.begin(), {"init", "-q"});
    git(repository, options);
  }
  void write(std::string_view repository, std::string_view name, std::string_view content) {
    overwrite(fmt::format("{}/{}", path(repository), name), content);
  }
  // Writes, stages and commits a file: the commit's id.
  std::string commit(std::string_view repository, std::string_view name, std::string_view content) {
    write(repository, name, content);
    git(repository, {"add", "-A"});
    git(repository, {"commit", "-q", "-m", fmt::format("change {}", name)});
    return git_line(repository, {"rev-parse", "HEAD"});
  }
  // Some versions of some files, so that packs have deltas upon deltas, and each type of object.
  void fill(std::string_view repository) {
    std::string text;
    for (int line = 0; line < 300; ++line) text += fmt::format("line {} of a file\n", line * line);
    for (int version = 0; version < 12; ++version) {
      text.insert(static_cast<std::size_t>(version) * 211, fmt::format("version {}\n", version));
      write(repository, fmt::format("folder/deep/small{}", version), std::string(3, 'a'));
      commit(repository, "folder/long.txt", text);
    }
    commit(repository, "empty", "");
    git(repository, {"tag", "-a", "-m", "a tag", "first", "HEAD~3"});
  }

 private:
  std::string folder_;
  long seconds_ = 1'600'000'000;
};

}  // namespace vedette::formats::git
