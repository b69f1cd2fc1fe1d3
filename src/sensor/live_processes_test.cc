// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fstream>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/live_test.h"

namespace vedette::sensor::live {
namespace {

class LiveProcesses : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    start(options_);
  }
};

__u32 parent_of(const Record& record) {
  return record.as<std::array<__u32, 4>>(VEDETTE_FIELD_PARENT)[0];
}

// execve with a terminator added to each list.
void execute(const char* path, std::vector<const char*> arguments,
             std::vector<const char*> environment) {
  arguments.push_back(nullptr);
  environment.push_back(nullptr);
  execve(path, const_cast<char**>(arguments.data()), const_cast<char**>(environment.data()));
}

TEST_F(LiveProcesses, ExecTellsAllOfTheProcess) {
  const std::vector<Record> records = watch(
      [] { execute("/bin/true", {"first", "", "with space", "\xff\n"}, {"A=1", "B=two words"}); });
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_EXEC);
  ASSERT_EQ(found.size(), 1U);
  const Record& exec = found[0];
  EXPECT_EQ(exec.header.syscall, static_cast<__u32>(SYS_execve));
  EXPECT_EQ(exec.header.flags & (VEDETTE_FLAG_FAILED | VEDETTE_FLAG_CUT), 0);
  EXPECT_EQ(exec.list(VEDETTE_FIELD_ARGUMENTS),
            (std::vector<std::string>{"first", "", "with space", "\xff\n"}));
  EXPECT_EQ(exec.list(VEDETTE_FIELD_ENVIRONMENT), (std::vector<std::string>{"A=1", "B=two words"}));
  EXPECT_EQ(exec.text(VEDETTE_FIELD_COMM), "true");
  EXPECT_EQ(exec.text(VEDETTE_FIELD_EXE_NAME), "/bin/true");
  char resolved[4096] = {};
  ASSERT_NE(realpath("/bin/true", resolved), nullptr);
  EXPECT_EQ(exec.text(VEDETTE_FIELD_EXE_PATH), resolved);
  struct stat status = {};
  ASSERT_EQ(stat("/bin/true", &status), 0);
  EXPECT_EQ(exec.as<vedette_file>(VEDETTE_FIELD_EXE_FILE).inode, status.st_ino);
  EXPECT_EQ(exec.text(VEDETTE_FIELD_CWD), folder_);
  EXPECT_FALSE(exec.has(VEDETTE_FIELD_ROOT));
  const auto credentials = exec.as<vedette_credentials>(VEDETTE_FIELD_CREDENTIALS);
  EXPECT_EQ(credentials.uid, getuid());
  EXPECT_EQ(credentials.egid, getegid());
  const auto session = exec.as<vedette_session>(VEDETTE_FIELD_SESSION);
  EXPECT_EQ(session.sid, static_cast<__u32>(getsid(0)));
  EXPECT_EQ(session.vpid, exec.header.pid);
  EXPECT_EQ(session.pgid, static_cast<__u32>(getpgid(0)));
  struct stat space = {};
  ASSERT_EQ(stat("/proc/self/ns/mnt", &space), 0);
  EXPECT_EQ(session.mount_namespace, space.st_ino);
  ASSERT_EQ(stat("/proc/self/ns/pid", &space), 0);
  EXPECT_EQ(session.pid_namespace, space.st_ino);
  EXPECT_EQ(parent_of(exec), static_cast<__u32>(getpid()));
}

TEST_F(LiveProcesses, LongArgumentsAreCut) {
  const std::string large(20000, 'x');
  const std::vector<Record> records =
      watch([&] { execute("/bin/true", {"true", large.c_str()}, {}); });
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_EXEC);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(VEDETTE_FIELD_ARGUMENTS).size(), 16384U);
  EXPECT_NE(found[0].header.flags & VEDETTE_FLAG_CUT, 0);
}

TEST_F(LiveProcesses, FailedExecTellsWhatWasAsked) {
  // On the heap, which is there to be read: the kernel gives up before it reads them itself.
  const std::vector<std::string> arguments = {"a", "b c"};
  const std::vector<Record> records =
      watch([&] { execute("no/such", {arguments[0].c_str(), arguments[1].c_str()}, {}); });
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_EXEC);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].header.result, -ENOENT);
  EXPECT_NE(found[0].header.flags & VEDETTE_FLAG_FAILED, 0);
  EXPECT_EQ(found[0].text(VEDETTE_FIELD_EXE_NAME), "no/such");
  EXPECT_EQ(found[0].text(VEDETTE_FIELD_FOLDER), folder_);
  EXPECT_EQ(found[0].list(VEDETTE_FIELD_ARGUMENTS), arguments);
}

TEST_F(LiveProcesses, ExecFromMemoryIsMarked) {
  const std::vector<Record> records = watch([] {
    const int memory = memfd_create("program", MFD_CLOEXEC);
    std::ifstream file("/bin/true", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (write(memory, bytes.data(), bytes.size()) < 0) return;
    char* const arguments[] = {const_cast<char*>("hidden"), nullptr};
    char* const environment[] = {nullptr};
    syscall(SYS_execveat, memory, "", arguments, environment, AT_EMPTY_PATH);
  });
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_EXEC);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].header.syscall, static_cast<__u32>(SYS_execveat));
  EXPECT_NE(found[0].as<vedette_file>(VEDETTE_FIELD_EXE_FILE).flags & VEDETTE_FILE_MEMFD, 0U);
  EXPECT_EQ(found[0].text(VEDETTE_FIELD_EXE_PATH), "/memfd:program");
}

TEST_F(LiveProcesses, ForkAndExitFrameAProcess) {
  const std::vector<Record> records = watch([] { _exit(3); });
  const std::vector<Record> forked = of_kind(records, VEDETTE_KIND_FORK);
  ASSERT_EQ(forked.size(), 1U);
  EXPECT_EQ(forked[0].header.result, child_);
  EXPECT_EQ(parent_of(forked[0]), static_cast<__u32>(getpid()));
  const std::vector<Record> ended = of_kind(records, VEDETTE_KIND_EXIT);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].header.result, 3 << 8);
  EXPECT_FALSE(ended[0].has(VEDETTE_FIELD_SIGNAL));
  EXPECT_EQ(ended[0].header.started, forked[0].header.started);
  EXPECT_LT(forked[0].header.time, ended[0].header.time);
}

TEST_F(LiveProcesses, DeathBySignalIsTold) {
  const std::vector<Record> records = watch([] { kill(getpid(), SIGUSR1); });
  const std::vector<Record> ended = of_kind(records, VEDETTE_KIND_EXIT);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].as<__s32>(VEDETTE_FIELD_SIGNAL), SIGUSR1);
  EXPECT_EQ(only(records, SYS_kill).argument(1), static_cast<std::uint64_t>(SIGUSR1));
}

TEST_F(LiveProcesses, ChangesOfCredentials) {
  if (getuid() != 0) GTEST_SKIP() << "needs root to change its user";
  const std::vector<Record> records = watch([] {
    prctl(PR_SET_NAME, "renamed");
    if (setresgid(12, 12, 12) != 0 || setuid(34) != 0) return;
    open("/etc/hostname", O_RDONLY);
  });
  EXPECT_EQ(only(records, SYS_prctl).text(VEDETTE_FIELD_COMM), "renamed");
  const auto credentials =
      only(records, SYS_setuid).as<vedette_credentials>(VEDETTE_FIELD_CREDENTIALS);
  EXPECT_EQ(credentials.euid, 34U);
  EXPECT_EQ(credentials.egid, 12U);
  EXPECT_EQ(credentials.effective, 0U);
}

TEST_F(LiveProcesses, CallsWithoutObjects) {
  // Memory that was used is there to be read; these calls fail before the kernel itself reads it.
  const std::string parameter = "parameter=1";
  const std::string module = "no_such_module";
  const std::string second = "b";
  const std::vector<Record> records = watch([&] {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    syscall(SYS_process_vm_writev, getpid(), nullptr, 0, nullptr, 0, 0);
    syscall(SYS_bpf, 9999, nullptr, 0);
    syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, 0, 0);
    syscall(SYS_userfaultfd, 0);
    syscall(SYS_finit_module, -1, parameter.c_str(), 0);
    syscall(SYS_delete_module, module.c_str(), 0);
    syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0);
    syscall(SYS_io_uring_setup, 1, nullptr);
    syscall(SYS_capset, nullptr, nullptr);
    syscall(SYS_setns, -1, 0);
    syscall(SYS_pivot_root, "a", second.c_str());
    syscall(SYS_umount2, "nothing", 0);
    unshare(0);
    syscall(SYS_tgkill, getpid(), gettid(), 0);
  });
  EXPECT_EQ(only(records, SYS_ptrace).argument(0), static_cast<std::uint64_t>(PTRACE_TRACEME));
  EXPECT_EQ(only(records, SYS_bpf).argument(0), 9999U);
  EXPECT_EQ(only(records, SYS_finit_module).text(VEDETTE_FIELD_DATA), parameter);
  EXPECT_EQ(only(records, SYS_delete_module).text(VEDETTE_FIELD_DATA), module);
  EXPECT_EQ(only(records, SYS_pivot_root).text(VEDETTE_FIELD_PATH2_GIVEN), second);
  EXPECT_EQ(only(records, SYS_umount2).text(VEDETTE_FIELD_PATH_GIVEN), "nothing");
  for (const long number : {SYS_process_vm_writev, SYS_keyctl, SYS_userfaultfd, SYS_perf_event_open,
                            SYS_io_uring_setup, SYS_capset, SYS_setns, SYS_unshare, SYS_tgkill}) {
    EXPECT_EQ(only(records, number).header.syscall, static_cast<__u32>(number));
  }
}

TEST_F(LiveProcesses, ChrootIsSeenFromTheRoot) {
  if (getuid() != 0) GTEST_SKIP() << "needs root to change its root";
  const std::vector<Record> records = watch([] {
    mkdir("jail", 0755);
    if (chroot("jail") != 0 || chdir("/") != 0) return;
    close(creat("/inside", 0600));
  });
  EXPECT_EQ(only(records, SYS_chroot).text(VEDETTE_FIELD_ROOT), folder_ + "/jail");
  EXPECT_EQ(only(records, SYS_creat).text(VEDETTE_FIELD_PATH), "/inside");
}

TEST_F(LiveProcesses, StateAtStartComesFirst) {
  source_.reset();
  options_.state_at_start = true;
  start(options_);
  const std::vector<Record> records = drain();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records[0].header.kind, VEDETTE_KIND_HOST);
  char name[256] = {};
  gethostname(name, sizeof(name) - 1);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_HOSTNAME), name);
  const auto started = std::find_if(records.begin(), records.end(), [](const Record& record) {
    return record.header.kind == VEDETTE_KIND_STARTED;
  });
  ASSERT_NE(started, records.end());
  const auto own = std::find_if(records.begin(), started, [](const Record& record) {
    return record.header.kind == VEDETTE_KIND_TASK &&
           record.header.pid == static_cast<__u32>(getpid());
  });
  ASSERT_NE(own, started);
  EXPECT_EQ(own->text(VEDETTE_FIELD_COMM), "sensor_test");
  EXPECT_FALSE(own->list(VEDETTE_FIELD_ARGUMENTS).empty());
  EXPECT_NE(own->header.started, 0U);
  EXPECT_TRUE(std::any_of(records.begin(), started, [](const Record& record) {
    return record.header.kind == VEDETTE_KIND_DESCRIPTOR &&
           record.header.pid == static_cast<__u32>(getpid()) &&
           record.as<__s32>(VEDETTE_FIELD_FD) == 1;
  }));
  for (const auto& [kind, field] : {std::pair{VEDETTE_KIND_USER, VEDETTE_FIELD_NAME},
                                    std::pair{VEDETTE_KIND_GROUP, VEDETTE_FIELD_NAME}}) {
    const std::vector<Record> found = of_kind(records, kind);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].text(field), "root");
  }
}

}  // namespace
}  // namespace vedette::sensor::live
