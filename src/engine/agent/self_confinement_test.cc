// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/self_confinement.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace vedette::engine {
namespace {

constexpr int kNotApplied = 99;

// What became of `body` in a process of its own: its exit code, or minus the signal that ended it.
int in_child(const std::function<int()>& body) {
  const pid_t process = ::fork();
  if (process == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(process, &status, 0), process);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#define SKIP_UNLESS_APPLIED(result) \
  if ((result) == kNotApplied) GTEST_SKIP() << "this kernel does not offer it"

TEST(SelfConfinement, CapabilitiesAreGone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to have capabilities";
  const int result = in_child([] {
    forbid_new_privileges();
    if (!drop_capabilities({CAP_DAC_READ_SEARCH}).applied) return kNotApplied;
    // Changing the owner needs CAP_CHOWN; reading all needs what was kept.
    const int file = ::open("/etc/shadow", O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno != ENOENT) return 1;
    std::string path = "/tmp/confinement.XXXXXX";
    const int own = ::mkstemp(path.data());
    ::unlink(path.c_str());
    return ::fchown(own, 12345, 12345) != 0 && errno == EPERM ? 0 : 2;
  });
  SKIP_UNLESS_APPLIED(result);
  EXPECT_EQ(result, 0);
}

TEST(SelfConfinement, LandlockLeavesTheNamedPathsOnly) {
  const std::string base =
      std::filesystem::temp_directory_path() / ("confinement_test." + std::to_string(::getpid()));
  std::filesystem::create_directories(base + "/rules");
  std::filesystem::create_directories(base + "/spool");
  std::filesystem::create_directories(base + "/other");
  const int result = in_child([&] {
    forbid_new_privileges();
    Confinement confinement;
    confinement.readable = {base + "/rules", base + "/absent"};
    confinement.writable = {base + "/spool"};
    const ConfinementStep step = restrict_files(confinement);
    if (!step.applied) return kNotApplied;
    if (step.detail.find("/absent") == std::string::npos) return 1;
    const auto opens = [&](const std::string& name, int flags) {
      const int file = ::open((base + name).c_str(), flags | O_CLOEXEC, 0600);
      if (file >= 0) ::close(file);
      return file >= 0;
    };
    if (!opens("/spool/a", O_RDWR | O_CREAT)) return 2;
    if (::rename((base + "/spool/a").c_str(), (base + "/spool/b").c_str()) != 0) return 3;
    if (!opens("/rules", O_RDONLY | O_DIRECTORY)) return 4;
    if (opens("/rules/a", O_RDWR | O_CREAT)) return 5;
    if (opens("/other", O_RDONLY | O_DIRECTORY)) return 6;
    return opens("/../../etc/passwd", O_RDONLY) ? 7 : 0;
  });
  std::filesystem::remove_all(base);
  SKIP_UNLESS_APPLIED(result);
  EXPECT_EQ(result, 0);
}

TEST(SelfConfinement, TheFilterLetsTheAgentWork) {
  const int result = in_child([] {
    forbid_new_privileges();
    if (!filter_system_calls(true).applied) return kNotApplied;
    int number = 0;
    std::thread thread([&] { number = 7; });
    thread.join();
    const int opened = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return number == 7 && opened >= 0 ? 0 : 1;
  });
  SKIP_UNLESS_APPLIED(result);
  EXPECT_EQ(result, 0);
}

TEST(SelfConfinement, WhatIsNotOnTheListFails) {
  const int result = in_child([] {
    forbid_new_privileges();
    if (!filter_system_calls(false).applied) return kNotApplied;
    if (::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 || errno != EPERM) return 1;
    if (::fork() >= 0) return 2;
    if (::syscall(SYS_bpf, 5, nullptr, 0) != -1 || errno != EPERM) return 3;
    return ::chown("/", 0, 0) == -1 && errno == EPERM ? 0 : 4;
  });
  SKIP_UNLESS_APPLIED(result);
  EXPECT_EQ(result, 0);
}

TEST(SelfConfinement, ExecutingAndTracingEndTheProcess) {
  for (const bool executes : {true, false}) {
    const int result = in_child([executes] {
      forbid_new_privileges();
      if (!filter_system_calls(true).applied) return kNotApplied;
      if (executes) {
        ::execl("/bin/true", "true", nullptr);
      } else {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      }
      return 1;
    });
    SKIP_UNLESS_APPLIED(result);
    EXPECT_EQ(result, -SIGSYS);
  }
}

TEST(SelfConfinement, TheReportSaysWhatIsNotInForce) {
  ConfinementReport report;
  report.steps = {{"landlock", false, "no Landlock"}, {"seccomp", true, "80 calls"}};
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.to_string(), "landlock: NOT APPLIED, no Landlock\nseccomp: 80 calls\n");
  EXPECT_EQ(in_child([] {
              const ConfinementReport made = confine({{}, {"/"}, true, {"/tmp"}, true});
              return made.steps.size() == 4 && made.steps[0].applied ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace vedette::engine
