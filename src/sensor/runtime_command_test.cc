// SPDX-License-Identifier: Apache-2.0
#include "sensor/runtime_command.h"

#include <gtest/gtest.h>

#include "formats/kernel/record_writer.h"

namespace vedette::sensor {
namespace {

// "ID of BUNDLE", or "" for what starts no container.
std::string started(std::string_view path, std::initializer_list<std::string_view> arguments,
                    std::uint32_t uid = 0) {
  std::string list;
  for (const std::string_view argument : arguments) list.append(argument).push_back('\0');
  vedette_record header{};
  header.kind = VEDETTE_KIND_EXEC;
  vedette_credentials credentials{};
  credentials.euid = uid;
  std::string bytes;
  {
    formats::kernel::RecordWriter(bytes, header)
        .text(VEDETTE_FIELD_EXE_PATH, path)
        .text(VEDETTE_FIELD_ARGUMENTS, list)
        .text(VEDETTE_FIELD_CWD, "/srv")
        .value(VEDETTE_FIELD_CREDENTIALS, credentials);
  }
  formats::kernel::RecordReader reader;
  EXPECT_TRUE(reader.read(bytes));
  const auto found = runtime_command(reader);
  return found ? found->id + " of " + found->bundle : "";
}

TEST(RuntimeCommand, ReadsHowRuntimesAreCalled) {
  EXPECT_EQ(started("/usr/sbin/runc", {"runc", "run", "web"}), "web of /srv");
  EXPECT_EQ(started("/usr/sbin/runc", {"runc", "--root", "/r", "run", "-b", "/b", "web"}),
            "web of /b");
  EXPECT_EQ(started("/usr/bin/runc",
                    {"runc", "--root", "/run/containerd/runc/k8s.io", "--log", "/l", "--log-format",
                     "json", "create", "--bundle", "/run/b", "--pid-file", "/p", "abc"}),
            "abc of /run/b");
  EXPECT_EQ(started("/usr/bin/crun", {"crun", "create", "--bundle=sub", "x"}), "x of /srv/sub");
}

TEST(RuntimeCommand, TakesNothingElseForOne) {
  EXPECT_EQ(started("/usr/sbin/runc", {"runc", "init"}), "");
  EXPECT_EQ(started("/usr/sbin/runc", {"runc", "delete", "web"}), "");
  EXPECT_EQ(started("/usr/sbin/runc", {"runc", "run", "--bundle"}), "");
  EXPECT_EQ(started("/usr/sbin/runc", {"runc"}), "");
  EXPECT_EQ(started("/usr/sbin/runc", {}), "");
  EXPECT_EQ(started("/bin/cat", {"runc", "run", "web"}), "");
  EXPECT_EQ(started("/tmp/runc", {"runc", "run", "web"}, 1000), "") << "not root's";
}

}  // namespace
}  // namespace vedette::sensor
