// SPDX-License-Identifier: Apache-2.0
#include "store/result_store.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace vedette::store {
namespace {

namespace fs = std::filesystem;

class ResultStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vedette-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<ResultStore> open(std::int64_t day = 1, std::uint64_t bytes_max = 1 << 30) {
    auto store = ResultStore::open({folder_ + "/deep/er", bytes_max, day});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return store ? std::move(*store) : nullptr;
  }
  std::string file() const { return folder_ + "/deep/er/" + std::string(ResultStore::kFileName); }
  static std::string value_of(ResultStore& store, const std::string& key) {
    std::string value;
    return store.find(key_of(key), value) ? value : "(unknown)";
  }

  std::string folder_;
};

TEST_F(ResultStoreTest, KeepsWhatWasPut) {
  {
    const auto store = open();
    EXPECT_EQ(value_of(*store, "a"), "(unknown)");
    store->put(key_of("a"), "one");
    store->put(key_of("empty"), "");
    store->put(key_of("large"), std::string(3 << 20, 'x'));
    EXPECT_EQ(store->close(), std::nullopt);
  }
  const auto store = open();
  EXPECT_EQ(value_of(*store, "a"), "one");
  EXPECT_EQ(value_of(*store, "empty"), "");
  EXPECT_EQ(value_of(*store, "large").size(), 3U << 20);
  EXPECT_EQ(value_of(*store, "b"), "(unknown)");
}

TEST_F(ResultStoreTest, IsForItsOwnerAlone) {
  {
    open()->put(key_of("a"), "one");
  }
  struct stat status{};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ResultStoreTest, DamageCostsTheResultsAlone) {
  {
    open()->put(key_of("a"), "one");
  }
  std::ofstream(file(), std::ios::binary) << std::string(10'000, 'j');
  {
    const auto store = open();
    EXPECT_EQ(value_of(*store, "a"), "(unknown)");
    store->put(key_of("b"), "two");
  }
  EXPECT_EQ(value_of(*open(), "b"), "two");
}

TEST_F(ResultStoreTest, AChangedValueIsNotBelieved) {
  {
    open()->put(key_of("a"), "the value that is looked for");
  }
  std::string bytes;
  {
    std::ifstream in(file(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const std::size_t at = bytes.find("the value");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'T';
  std::ofstream(file(), std::ios::binary) << bytes;
  EXPECT_EQ(value_of(*open(), "a"), "(unknown)");
}

// Each process writes its own keys and one that all write; one is killed in the middle.
TEST_F(ResultStoreTest, ManyProcessesAtOnce) {
  constexpr int kProcesses = 6;
  // So few that nobody has to wait longer than kPatienceMs, on slow disks and with sanitizers too.
  constexpr int kKeys = 600;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto store = ResultStore::open({folder_ + "/deep/er", 1 << 30, 1});
      if (!store) ::_exit(2);
      for (int i = 0; i < kKeys; ++i) {
        if (process == 0 && i == kKeys / 2) ::_exit(0);
        (*store)->put(key_of(std::to_string(process) + "/" + std::to_string(i)),
                      std::string(2000, static_cast<char>('a' + process)));
        (*store)->put(key_of("all"), "same");
      }
      ::_exit((*store)->close() ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto store = open();
  EXPECT_EQ(value_of(*store, "all"), "same");
  for (int process = 1; process < kProcesses; ++process) {
    for (int i = 0; i < kKeys; ++i) {
      ASSERT_EQ(value_of(*store, std::to_string(process) + "/" + std::to_string(i)),
                std::string(2000, static_cast<char>('a' + process)));
    }
  }
}

// All make it, or find it made.
TEST_F(ResultStoreTest, ManyProcessesBeginAtOnce) {
  for (int round = 0; round < 20; ++round) {
    const std::string folder = folder_ + "/" + std::to_string(round);
    std::vector<pid_t> children;
    for (int process = 0; process < 8; ++process) {
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        const auto store = ResultStore::open({folder, 1 << 30, 1});
        if (!store) ::_exit(2);
        (*store)->put(key_of("a"), "one");
        ::_exit((*store)->close() ? 1 : 0);
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
    }
  }
}

TEST_F(ResultStoreTest, ManyThreadsAtOnce) {
  const auto store = open();
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&store, thread] {
      std::string value;
      for (int i = 0; i < 2000; ++i) {
        const std::string name = std::to_string(thread) + "/" + std::to_string(i);
        EXPECT_FALSE(store->find(key_of(name), value));
        store->put(key_of(name), name + std::string(500, 'x'));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(store->close(), std::nullopt);
  const auto again = open();
  for (int i = 0; i < 2000; ++i)
    ASSERT_TRUE(value_of(*again, "3/" + std::to_string(i)).starts_with("3/" + std::to_string(i)));
}

TEST_F(ResultStoreTest, ForgetsWhatWasNotUsedForLongest) {
  constexpr std::uint64_t kBytesMax = 3 << 20;
  const auto fill = [&](const std::string& kind, std::int64_t day, bool use_first) {
    const auto store = open(day, kBytesMax);
    if (use_first) {
      EXPECT_EQ(value_of(*store, "old/0"), std::string(500, 'v'));
    }
    for (int i = 0; i < 3000; ++i)
      store->put(key_of(kind + "/" + std::to_string(i)), std::string(500, 'v'));
    EXPECT_EQ(store->close(), std::nullopt);
  };
  fill("old", 1, false);
  fill("new", 2, true);
  EXPECT_LE(fs::file_size(file()), kBytesMax);
  const auto store = open(3, kBytesMax);
  EXPECT_NE(value_of(*store, "old/0"), "(unknown)");  // was used on the second day
  int old_ones = 0;
  int new_ones = 0;
  for (int i = 1; i < 3000; ++i) {
    old_ones += value_of(*store, "old/" + std::to_string(i)) != "(unknown)" ? 1 : 0;
    new_ones += value_of(*store, "new/" + std::to_string(i)) != "(unknown)" ? 1 : 0;
  }
  EXPECT_LT(old_ones, 1500);
  EXPECT_EQ(new_ones, 2999);
}

// One day's results alone are too many.
TEST_F(ResultStoreTest, ForgetsAPartOfADay) {
  constexpr std::uint64_t kBytesMax = 1 << 20;
  const auto store = open(1, kBytesMax);
  for (int i = 0; i < 4000; ++i) store->put(key_of(std::to_string(i)), std::string(500, 'v'));
  EXPECT_EQ(store->close(), std::nullopt);
  EXPECT_LE(fs::file_size(file()), kBytesMax);
  EXPECT_GE(fs::file_size(file()), kBytesMax / 2);
}

TEST_F(ResultStoreTest, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder_ + "/deep") << "a file";
  EXPECT_FALSE(ResultStore::open({folder_ + "/deep/er", 1 << 20, 1}));
}

}  // namespace
}  // namespace vedette::store
