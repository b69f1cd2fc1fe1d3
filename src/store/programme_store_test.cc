// SPDX-License-Identifier: Apache-2.0
#include "store/programme_store.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "store/programme_schema.h"

namespace vedette::store {
namespace {

namespace fs = std::filesystem;

constexpr TimeNs kDay = TimeNs{86'400} * kNsPerSecond;

class ProgrammeStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vedette-programme-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/deep/history.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  static event::RunRecord record(int number, int findings = 2) {
    event::RunRecord one;
    one.run.id = fmt::format("{:032x}", number);
    one.run.facts = {"shop", fmt::format("c{}", number), "main", "", "", number * kDay};
    one.run.verdict = event::Verdict::kWarn;
    one.run.scanners = {{"packages", false, std::nullopt}, {"secrets", true, 5 * kNsPerSecond}};
    for (int i = 0; i < findings; ++i) {
      one.findings.push_back({fmt::format("{:032x}", 1000 + number + i), "secret", "a-rule",
                              "A title", "", fmt::format("src/{}.py", i)});
      one.run.sightings.push_back({static_cast<std::uint32_t>(i), 1, event::Level::kHigh,
                                   event::Verdict::kBlock, event::Exception::kNone});
    }
    return one;
  }

  void add(const event::RunRecord& one, bool is_new = true) const {
    auto store = ProgrammeStore::open_or_make(path_);
    ASSERT_TRUE(store) << store.error().message;
    const Result<bool> added = store->add(one);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(*added, is_new);
  }

  // The ids of the runs, or the error.
  Result<std::vector<std::string>> ids(TimeNs now = INT64_MAX,
                                       const std::string& repository = "") const {
    TRY(ProgrammeStore store, ProgrammeStore::open(path_));
    TRY(ProgrammeStore::Reading reading, store.read());
    std::vector<std::string> out;
    TRY_VOID(reading.each_run(repository, now, [&](const event::ProgrammeRun& run) -> Result<void> {
      out.push_back(run.id);
      return {};
    }));
    return out;
  }
  std::size_t count() const {
    const auto all = ids();
    EXPECT_TRUE(all) << all.error().message;
    return all ? all->size() : 0;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(ProgrammeStoreTest, GivesBackWhatWasAdded) {
  event::RunRecord one = record(2);
  one.run.facts = {"shop", "c", "main", "v1", "nightly", 3 * kDay + 1};
  one.run.incomplete = true;
  one.findings[1] = {std::string(32, 'f'),   "vulnerability", "CVE-1",
                     std::string("a\0b", 3), "lodash 1",      "\xFF\xFE"};
  one.run.sightings[1] = {1, 0, event::Level::kLow, event::Verdict::kAllow,
                          event::Exception::kFalsePositive};
  add(one);
  event::RunRecord other = record(1);
  other.run.verdict.reset();
  add(other);
  auto store = ProgrammeStore::open(path_);
  ASSERT_TRUE(store);
  auto reading = store->read();
  ASSERT_TRUE(reading) << reading.error().message;
  ASSERT_EQ(reading->findings().size(), 3U);
  const event::ProgrammeFinding& finding = reading->findings()[1];
  EXPECT_EQ(finding.identity, std::string(32, 'f'));
  EXPECT_EQ(finding.kind, "vulnerability");
  EXPECT_EQ(finding.title, std::string("a\0b", 3));
  EXPECT_EQ(finding.package, "lodash 1");
  EXPECT_EQ(finding.path, "\xFF\xFE");
  std::vector<event::ProgrammeRun> runs;
  ASSERT_TRUE(reading->each_run("", INT64_MAX, [&](const auto& run) -> Result<void> {
    runs.push_back(run);
    return {};
  }));
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].verdict, std::nullopt);
  const event::ProgrammeRun& run = runs[1];
  EXPECT_EQ(run.id, one.run.id);
  EXPECT_EQ(run.facts.release, "v1");
  EXPECT_EQ(run.facts.pipeline, "nightly");
  EXPECT_EQ(run.facts.time, 3 * kDay + 1);
  EXPECT_EQ(run.verdict, event::Verdict::kWarn);
  EXPECT_TRUE(run.incomplete);
  ASSERT_EQ(run.scanners.size(), 2U);
  EXPECT_FALSE(run.scanners[0].complete);
  EXPECT_EQ(run.scanners[0].duration, std::nullopt);
  EXPECT_EQ(run.scanners[1].duration, 5 * kNsPerSecond);
  EXPECT_EQ(run.sightings, one.run.sightings);
}

TEST_F(ProgrammeStoreTest, TheSameRunIsKeptOnce) {
  add(record(1));
  add(record(1), false);
  add(record(2));
  EXPECT_EQ(count(), 2U);
}

TEST_F(ProgrammeStoreTest, RunsComeInTheOrderOfTheirTimes) {
  for (const int number : {3, 1, 2}) add(record(number));
  event::RunRecord other = record(4);
  other.run.facts.repository = "a";
  add(other);
  const auto id = [](int number) { return fmt::format("{:032x}", number); };
  EXPECT_EQ(*ids(), (std::vector{id(4), id(1), id(2), id(3)}));
  EXPECT_EQ(*ids(2 * kDay, "shop"), (std::vector{id(1), id(2)}));
}

TEST_F(ProgrammeStoreTest, IsForItsOwnerAlone) {
  add(record(1));
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  // Nothing of its making is left.
  for (const auto& entry : fs::directory_iterator(fs::path(path_).parent_path()))
    EXPECT_EQ(entry.path().filename(), "history.db");
}

TEST_F(ProgrammeStoreTest, KeepsDismissals) {
  add(record(1));
  {
    auto store = ProgrammeStore::open(path_);
    ASSERT_TRUE(store);
    ASSERT_TRUE(store->dismiss({"x", "shop", event::Exception::kMitigated, "ada", "why", 7}));
    ASSERT_TRUE(store->dismiss({"x", "", event::Exception::kNone, "ben", "", 5}));
  }
  auto store = ProgrammeStore::open(path_);
  auto reading = store->read();
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->dismissals().size(), 2U);
  EXPECT_EQ(reading->dismissals()[0].by, "ben");
  EXPECT_EQ(reading->dismissals()[1].reason, event::Exception::kMitigated);
  EXPECT_EQ(reading->dismissals()[1].note, "why");
}

TEST_F(ProgrammeStoreTest, NothingIsMadeByReading) {
  const auto store = ProgrammeStore::open(path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ProgrammeStoreTest, AnEmptyOrForeignFileIsAnError) {
  fs::create_directories(fs::path(path_).parent_path());
  for (const char* text : {"", "no database at all, but a text that is long enough to be read"}) {
    std::ofstream(path_, std::ios::trunc) << text;
    for (auto* const open : {&ProgrammeStore::open, &ProgrammeStore::open_or_make}) {
      const auto store = open(path_);
      ASSERT_FALSE(store) << text;
      EXPECT_EQ(store.error().code, ErrorCode::kInvalid);
      EXPECT_NE(store.error().message.find("history.db"), std::string::npos);
    }
  }
  fs::remove(path_);
  ASSERT_TRUE(Database::open(path_, 100)->execute("CREATE TABLE a (b)"));
  EXPECT_FALSE(ProgrammeStore::open(path_));
}

// Every byte of every row is covered: a changed one is an error or changes nothing.
TEST_F(ProgrammeStoreTest, NoChangedByteIsBelieved) {
  add(record(1, 40));
  add(record(2, 40));
  std::string whole;
  {
    std::ifstream in(path_, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto good = *ids();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 61) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << changed;
    const auto read = ids();
    if (!read) {
      ++refused;
    } else {
      EXPECT_EQ(*read, good) << at;
    }
    for (const char* suffix : {"-wal", "-shm"}) fs::remove(path_ + suffix);
  }
  EXPECT_GT(refused, 20U);
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() / 2);
  EXPECT_FALSE(ids());
}

TEST_F(ProgrammeStoreTest, MissingRowsAreSeen) {
  add(record(1));
  add(record(2));
  for (const char* change :
       {"DELETE FROM run WHERE id = 1", "DELETE FROM sighting WHERE run = 2 AND scanner = 1",
        "DELETE FROM finding WHERE id = 1", "DELETE FROM repository", "DELETE FROM tally",
        "UPDATE run SET verdict = 0", "UPDATE sighting SET severity = 77",
        "DELETE FROM scanner_run"}) {
    fs::copy_file(path_, path_ + ".kept", fs::copy_options::overwrite_existing);
    {
      auto database = Database::open_existing(path_, 1000);
      ASSERT_TRUE(database && database->execute(change)) << change;
    }
    EXPECT_FALSE(ids()) << change;
    {
      auto store = ProgrammeStore::open(path_);
      ASSERT_TRUE(store);
      EXPECT_FALSE(store->check()->empty()) << change;
    }
    fs::copy_file(path_ + ".kept", path_, fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(count(), 2U);
}

TEST_F(ProgrammeStoreTest, AFileOfAnEarlierVersionIsBroughtToThis) {
  add(record(1));
  {
    auto database = Database::open_existing(path_, 1000);
    ASSERT_TRUE(database);
    ASSERT_TRUE(
        database->execute("DROP TABLE dismissal; ALTER TABLE tally DROP COLUMN dismissals;"
                          "PRAGMA user_version = 1"));
  }
  EXPECT_EQ(count(), 1U);
  auto store = ProgrammeStore::open(path_);
  ASSERT_TRUE(store->dismiss({"x", "", event::Exception::kAccepted, "ada", "", 1}));
  EXPECT_EQ(store->read()->dismissals().size(), 1U);
}

TEST_F(ProgrammeStoreTest, AFileOfALaterVersionIsRefused) {
  add(record(1));
  {
    auto database = Database::open_existing(path_, 1000);
    ASSERT_TRUE(database && database->execute("PRAGMA user_version = 99"));
  }
  const auto store = ProgrammeStore::open_or_make(path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kUnsupported);
}

TEST_F(ProgrammeStoreTest, ReadingSeesOneMoment) {
  add(record(1));
  auto store = ProgrammeStore::open(path_);
  auto reading = store->read();
  add(record(2));
  std::size_t runs = 0;
  ASSERT_TRUE(reading->each_run("", INT64_MAX, [&](const auto&) -> Result<void> {
    ++runs;
    return {};
  }));
  EXPECT_EQ(runs, 1U);
}

// Several processes add at once, some are killed in the middle; what one of them was told to be
// stored is there afterwards, whole, and the file is.
TEST_F(ProgrammeStoreTest, ManyProcessesAndSomeAreKilled) {
  constexpr int kProcesses = 6;
  constexpr int kRuns = 30;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = ProgrammeStore::open_or_make(path_);
      if (!store) ::_exit(2);
      std::ofstream told(folder_ + "/told" + std::to_string(process));
      for (int i = 0; i < kRuns; ++i) {
        const event::RunRecord one = record(process * 1000 + i, 20);
        if (!store->add(one)) ::_exit(3);
        told << one.run.id << std::endl;
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  // Each at another moment of its work.
  for (std::size_t i = 0; i < children.size(); i += 2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3 + 4 * i));
    ::kill(children[i], SIGKILL);
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    int status = 0;
    ASSERT_EQ(::waitpid(children[i], &status, 0), children[i]);
    if (i % 2 == 1) {
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    }
  }
  const auto stored = ids();
  ASSERT_TRUE(stored) << stored.error().message;
  for (int process = 0; process < kProcesses; ++process) {
    std::ifstream told(folder_ + "/told" + std::to_string(process));
    std::string id;
    int count = 0;
    for (; std::getline(told, id); ++count)
      EXPECT_NE(std::ranges::find(*stored, id), stored->end()) << id;
    if (process % 2 == 1) {
      EXPECT_EQ(count, kRuns);
    }
  }
  auto store = ProgrammeStore::open(path_);
  EXPECT_TRUE(store->check()->empty());
}

}  // namespace
}  // namespace vedette::store
