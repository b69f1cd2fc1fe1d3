// SPDX-License-Identifier: Apache-2.0
#include "sensor/system_state.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/kernel/record_writer.h"
#include "sensor/live_test.h"
#include "sensor/own_record.h"

namespace vedette::sensor {
namespace {

namespace fs = std::filesystem;
using live::Record;
using live::take_apart;

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
  vedette_record header = own_record(VEDETTE_KIND_TASK);
  header.pid = static_cast<__u32>(getpid());
  formats::kernel::RecordWriter(task, header).text(VEDETTE_FIELD_COMM, "me");
  const std::vector<Record> records = take_apart(with_arguments(task, 8, 1 << 16));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_ARGUMENTS).size(), 8U);
  EXPECT_NE(records[0].header.flags & VEDETTE_FLAG_CUT, 0);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_COMM), "me");
}

}  // namespace
}  // namespace vedette::sensor
