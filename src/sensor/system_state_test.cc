// SPDX-License-Identifier: Apache-2.0
#include "sensor/system_state.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/live_test.h"
#include "sensor/record_writer.h"

namespace vedette::sensor {
namespace {

namespace fs = std::filesystem;
using live::Record;
using live::take_apart;

TEST(RecordWriter, PadsFieldsAndRecords) {
  std::string out;
  for (std::size_t size = 0; size < 9; ++size) {
    RecordWriter record(out, VEDETTE_KIND_USER);
    record.header().pid = static_cast<__u32>(size);
    record.bytes(VEDETTE_FIELD_NAME, std::string(size, 'x'));
    record.value(VEDETTE_FIELD_ID, __u32{7});
    record.finish();
  }
  const std::vector<Record> records = take_apart(out);
  ASSERT_EQ(records.size(), 9U);
  for (std::size_t size = 0; size < 9; ++size) {
    EXPECT_EQ(records[size].header.pid, size);
    EXPECT_EQ(records[size].text(VEDETTE_FIELD_NAME), std::string(size, 'x'));
    EXPECT_EQ(records[size].as<__u32>(VEDETTE_FIELD_ID), 7U);
  }
}

TEST(RecordWriter, CutsWhatDoesNotFit) {
  std::string out;
  RecordWriter record(out, VEDETTE_KIND_TASK);
  record.bytes(VEDETTE_FIELD_ARGUMENTS, std::string(60000, 'a'));
  record.bytes(VEDETTE_FIELD_ENVIRONMENT, std::string(60000, 'e'));
  record.bytes(VEDETTE_FIELD_CWD, "/");
  record.finish();
  const std::vector<Record> records = take_apart(out);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_LE(records[0].header.size, std::uint32_t{VEDETTE_RECORD_SIZE_MAX});
  EXPECT_NE(records[0].header.flags & VEDETTE_FLAG_CUT, 0);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_ARGUMENTS).size(), 60000U);
  EXPECT_LT(records[0].text(VEDETTE_FIELD_ENVIRONMENT).size(), 6000U);
}

class SystemState : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vedette_system_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string folder_;
};

TEST_F(SystemState, AccountsThatAreNoneAreLeftOut) {
  fs::create_directory(folder_ + "/etc");
  std::ofstream(folder_ + "/etc/passwd") << "root:x:0:0::/root:/bin/sh\n\nbroken\n:x:1:\n"
                                            "a:x:-1:0\nb:x:99999999999:0\nweb:x:33:33::/:/\n";
  std::ofstream(folder_ + "/etc/group") << "wheel:x:10:";
  std::string out;
  write_accounts(out, folder_, "an_id");
  const std::vector<Record> records = take_apart(out);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[1].text(VEDETTE_FIELD_NAME), "web");
  EXPECT_EQ(records[1].as<__u32>(VEDETTE_FIELD_ID), 33U);
  EXPECT_EQ(records[1].text(VEDETTE_FIELD_CONTAINER_ID), "an_id");
  EXPECT_EQ(records[2].header.kind, VEDETTE_KIND_GROUP);
  EXPECT_EQ(records[2].text(VEDETTE_FIELD_NAME), "wheel");
}

TEST_F(SystemState, AccountsOfAContainerStayWithinItsRoot) {
  fs::create_directory(folder_ + "/etc");
  fs::create_symlink("/proc/self/environ", folder_ + "/etc/passwd");
  ASSERT_EQ(mkfifo((folder_ + "/etc/group").c_str(), 0600), 0);
  std::string out;
  write_accounts(out, folder_, "an_id");
  EXPECT_TRUE(out.empty());
}

TEST_F(SystemState, GroupsAreWalked) {
  fs::create_directories(folder_ + "/a/b");
  std::string out;
  std::vector<std::string> paths;
  write_cgroups(out, folder_, [&](std::uint64_t id, std::string_view path) {
    EXPECT_NE(id, 0U);
    paths.emplace_back(path);
  });
  EXPECT_EQ(paths, (std::vector<std::string>{"/", "/a", "/a/b"}));
  EXPECT_EQ(take_apart(out).size(), 3U);
}

TEST_F(SystemState, ArgumentsAreAddedToTasks) {
  std::string task;
  RecordWriter record(task, VEDETTE_KIND_TASK);
  record.header().pid = static_cast<__u32>(getpid());
  record.bytes(VEDETTE_FIELD_COMM, "me");
  record.finish();
  const std::vector<Record> records = take_apart(with_arguments(task, 8, 1 << 16));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_ARGUMENTS).size(), 8U);
  EXPECT_NE(records[0].header.flags & VEDETTE_FLAG_CUT, 0);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_COMM), "me");
}

}  // namespace
}  // namespace vedette::sensor
