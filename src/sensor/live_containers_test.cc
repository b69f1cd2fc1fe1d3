// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/live_test.h"
#include "sensor/system_state.h"

namespace vedette::sensor::live {
namespace {

namespace fs = std::filesystem;

const std::string kId = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string kPodUid = "6f1c8a2e-1d3b-4a5c-9e7f-0123456789ab";
const std::string kParent = "/kubepods/vedette_live_test";

// Containers of runc from a root of busybox alone.
class LiveContainers : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!fs::exists("/usr/sbin/runc") && !fs::exists("/usr/bin/runc")) GTEST_SKIP() << "no runc";
    if (!fs::exists("/bin/busybox")) GTEST_SKIP() << "no busybox";
    fs::create_directories(folder_ + "/rootfs/bin");
    fs::create_directories(folder_ + "/rootfs/etc");
    fs::copy_file("/bin/busybox", folder_ + "/rootfs/bin/busybox");
    fs::create_symlink("busybox", folder_ + "/rootfs/bin/sh");
    std::ofstream(folder_ + "/rootfs/etc/passwd") << "root:x:0:0::/:/bin/sh\nweb:x:77:77::/:/\n";
    options_.runtimes.states.push_back(folder_ + "/state");
    start(options_);
  }

  void TearDown() override {
    LiveTest::TearDown();
    // Groups that runc leaves in each hierarchy.
    std::error_code error;
    for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup", error)) {
      const std::string folder = hierarchy.path().string() + kParent;
      rmdir((folder + "/pod" + kPodUid).c_str());
      rmdir(folder.c_str());
      rmdir((hierarchy.path().string() + "/kubepods").c_str());
      rmdir((hierarchy.path().string() + "/default").c_str());
    }
  }

  void write_config(const std::string& script, const std::string& cgroup) const {
    std::ofstream(folder_ + "/config.json") << R"({"ociVersion": "1.0.2",
      "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "cwd": "/",
        "args": ["/bin/sh", "-c", ")" + script + R"("], "env": ["PATH=/bin"],
        "capabilities": {"bounding": ["CAP_KILL"]}},
      "root": {"path": "rootfs"}, "hostname": "inside",
      "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["ro", "rprivate"]}],
      "annotations": {"io.kubernetes.cri.container-name": "shop", "team": "payments",
        "io.kubernetes.cri.image-name": "registry.example/shop:1",
        "io.kubernetes.cri.sandbox-name": "shop-0",
        "io.kubernetes.cri.sandbox-namespace": "market"},
      "linux": {)" + (cgroup.empty() ? "" : "\"cgroupsPath\": \"" + cgroup + "\",") +
                                                   R"("maskedPaths": ["/proc/kcore"],
        "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}]}})";
  }

  // All records while a command, found by PATH, does its work in folder_.
  std::vector<Record> run_command(std::vector<std::string> command) {
    const pid_t runtime = fork();
    if (runtime == 0) {
      dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
      std::vector<char*> arguments;
      for (std::string& argument : command) arguments.push_back(argument.data());
      arguments.push_back(nullptr);
      if (chdir(folder_.c_str()) == 0) execvp(arguments[0], arguments.data());
      _exit(1);
    }
    // Read while it lives, as the agent does, and a little longer.
    constexpr int kBatchesBehind = 15;
    std::vector<Record> records;
    event::Batch batch;
    int behind = 0;
    int status = 0;
    for (bool ended = false; behind < kBatchesBehind && source_->next(batch);) {
      const std::vector<Record> some = take_apart(batch.buffer.view());
      records.insert(records.end(), some.begin(), some.end());
      ended = ended || waitpid(runtime, &status, WNOHANG) == runtime;
      behind += ended ? 1 : 0;
    }
    EXPECT_EQ(status, 0) << "of " << command[0];
    return records;
  }

  std::vector<Record> run_container(const std::string& id) {
    return run_command({"runc", "--root", folder_ + "/state", "run", id});
  }

  static std::vector<Record> containers_of(const std::vector<Record>& records,
                                           const std::string& id) {
    std::vector<Record> told = of_kind(records, VEDETTE_KIND_CONTAINER);
    std::erase_if(
        told, [&](const Record& record) { return record.text(VEDETTE_FIELD_CONTAINER_ID) != id; });
    return told;
  }
};

TEST_F(LiveContainers, RuncInAPodIsKnownFromItsFirstEvent) {
  const std::string cgroup = kParent + "/pod" + kPodUid + "/" + kId;
  write_config("/bin/busybox true; /bin/busybox sleep 0.1", cgroup);
  const std::vector<Record> records = run_container(kId);
  const auto made = std::find_if(records.begin(), records.end(), [&](const Record& record) {
    return record.header.kind == VEDETTE_KIND_CGROUP &&
           record.text(VEDETTE_FIELD_CGROUP_PATH) == cgroup;
  });
  ASSERT_NE(made, records.end());
  const std::vector<Record> told = containers_of(records, kId);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].header.cgroup, made->header.cgroup);
  EXPECT_EQ(told[0].as<__u8>(VEDETTE_FIELD_COMPLETE), 0);
  EXPECT_EQ(told[0].text(VEDETTE_FIELD_POD_UID), kPodUid);
  const Record& known = told[1];
  EXPECT_EQ(known.as<__u8>(VEDETTE_FIELD_COMPLETE), 1);
  EXPECT_EQ(known.text(VEDETTE_FIELD_NAME), "shop");
  EXPECT_EQ(known.text(VEDETTE_FIELD_IMAGE), "registry.example/shop:1");
  EXPECT_EQ(known.text(VEDETTE_FIELD_POD), "shop-0");
  EXPECT_EQ(known.text(VEDETTE_FIELD_POD_UID), kPodUid);
  EXPECT_EQ(known.text(VEDETTE_FIELD_NAMESPACE), "market");
  EXPECT_EQ(known.list(VEDETTE_FIELD_LABELS), (std::vector<std::string>{"team=payments"}));
  EXPECT_EQ(known.list(VEDETTE_FIELD_MOUNTS),
            (std::vector<std::string>{"proc:/proc::true:", "tmpfs:/dev::false:rprivate"}));
  EXPECT_EQ(known.as<__u8>(VEDETTE_FIELD_PRIVILEGED), 0);
  EXPECT_NE(known.as<__s64>(VEDETTE_FIELD_CREATED), 0);
  // The first program of the container, and all after it, carry the group; it was told before.
  const auto first = std::find_if(records.begin(), records.end(), [](const Record& record) {
    return record.header.kind == VEDETTE_KIND_EXEC &&
           record.text(VEDETTE_FIELD_EXE_PATH) == "/bin/busybox";
  });
  ASSERT_NE(first, records.end());
  EXPECT_EQ(first->header.cgroup, made->header.cgroup);
  EXPECT_LT(made, first);
  EXPECT_EQ(first->as<vedette_session>(VEDETTE_FIELD_SESSION).vpid, 1U);
  EXPECT_EQ(first->text(VEDETTE_FIELD_CWD), "/");
  const auto user = std::find_if(records.begin(), records.end(), [](const Record& record) {
    return record.header.kind == VEDETTE_KIND_USER &&
           record.text(VEDETTE_FIELD_CONTAINER_ID) == kId &&
           record.text(VEDETTE_FIELD_NAME) == "web";
  });
  EXPECT_NE(user, records.end());
  EXPECT_TRUE(std::any_of(records.begin(), records.end(), [&](const Record& record) {
    return record.header.kind == VEDETTE_KIND_CGROUP &&
           (record.header.flags & VEDETTE_FLAG_GONE) != 0 &&
           record.header.cgroup == made->header.cgroup;
  }));
}

TEST_F(LiveContainers, NamedContainerIsOneWhenItsRuntimeKnowsIt) {
  write_config("/bin/busybox sleep 0.2", "");
  const std::vector<Record> records = run_container("vedette_live_web");
  const std::vector<Record> told = containers_of(records, "vedette_live_web");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].as<__u8>(VEDETTE_FIELD_COMPLETE), 1);
  EXPECT_EQ(told[0].text(VEDETTE_FIELD_RUNTIME), "runc");
}

// containerd, with state of its own, as ctr asks it.
TEST_F(LiveContainers, ContainerdIsKnown) {
  if (!fs::exists("/usr/bin/containerd") || !fs::exists("/usr/bin/ctr")) {
    GTEST_SKIP() << "no containerd";
  }
  const std::string socket = folder_ + "/socket";
  std::ofstream(folder_ + "/containerd.toml")
      << "version = 2\nroot = '" << folder_ << "/root'\nstate = '" << folder_
      << "/run'\ndisabled_plugins = ['io.containerd.grpc.v1.cri']\n[grpc]\naddress = '" << socket
      << "'\n";
  const pid_t daemon = fork();
  if (daemon == 0) {
    const int log = open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(log, STDERR_FILENO);
    const std::string configuration = folder_ + "/containerd.toml";
    execlp("containerd", "containerd", "--config", configuration.c_str(), nullptr);
    _exit(1);
  }
  for (int i = 0; i < 500 && !fs::exists(socket); ++i) usleep(10'000);
  const std::string id = "vedette_live_ctr";
  const std::vector<Record> records =
      run_command({"ctr", "-a", socket, "run", "--rm", "--rootfs", folder_ + "/rootfs", id,
                   "/bin/busybox", "sleep", "0.2"});
  kill(daemon, SIGTERM);
  int status = 0;
  waitpid(daemon, &status, 0);
  const std::vector<Record> told = containers_of(records, id);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].as<__u8>(VEDETTE_FIELD_COMPLETE), 1);
  EXPECT_EQ(told[0].text(VEDETTE_FIELD_RUNTIME), "containerd");
  EXPECT_FALSE(told[0].list(VEDETTE_FIELD_MOUNTS).empty());
  const auto inside = std::find_if(records.begin(), records.end(), [&](const Record& record) {
    return record.header.kind == VEDETTE_KIND_EXEC &&
           record.text(VEDETTE_FIELD_EXE_PATH) == "/bin/busybox";
  });
  ASSERT_NE(inside, records.end());
  EXPECT_EQ(inside->header.cgroup, told[0].header.cgroup);
}

}  // namespace
}  // namespace vedette::sensor::live
