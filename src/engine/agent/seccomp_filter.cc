// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "engine/agent/self_confinement.h"

namespace vedette::engine {
namespace {

// By name, as not every machine has all of them; one that a machine lacks needs no rule there.
constexpr auto kAllowed = std::to_array<const char*>(
    {// files, as far as Landlock lets them
     "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "lseek",
     "open", "openat", "close", "close_range", "stat", "lstat", "fstat", "newfstatat", "statx",
     "statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
     "getdents64", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat",
     "truncate", "ftruncate", "fsync", "fdatasync", "flock", "fcntl", "umask", "fchmod",
     "fadvise64", "getcwd", "dup", "dup2", "dup3", "pipe2", "inotify_init1", "inotify_add_watch",
     "inotify_rm_watch",
     // who asks for the status, on a socket that listens already
     "accept4",
     // waiting
     "poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait",
     "epoll_pwait", "epoll_pwait2", "eventfd2", "timerfd_create", "timerfd_settime",
     "timerfd_gettime", "signalfd4", "nanosleep", "clock_nanosleep", "clock_gettime",
     "clock_getres", "gettimeofday", "time",
     // memory
     "brk", "mmap", "munmap", "mremap", "mprotect", "madvise",
     // threads and signals
     "futex", "set_robust_list", "rseq", "exit", "exit_group", "rt_sigaction", "rt_sigprocmask",
     "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "tgkill", "sched_yield", "sched_getaffinity",
     "membarrier", "getcpu", "restart_syscall",
     // about itself
     "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "uname",
     "sysinfo", "getrandom", "capget"});

constexpr auto kNetwork =
    std::to_array<const char*>({"socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg",
                                "recvfrom", "recvmsg", "recvmmsg", "getsockopt", "setsockopt",
                                "getsockname", "getpeername", "shutdown", "socketpair"});

// What only an attacker inside the process would try: it dies before it can try something else.
constexpr auto kDeadly = std::to_array<const char*>(
    {"execve",       "execveat",      "ptrace",     "process_vm_writev", "process_vm_readv",
     "mount",        "umount2",       "move_mount", "open_tree",         "fsmount",
     "pivot_root",   "chroot",        "setns",      "unshare",           "init_module",
     "finit_module", "delete_module", "kexec_load", "kexec_file_load",   "reboot",
     "swapon",       "acct",          "keyctl",     "add_key",           "userfaultfd",
     "memfd_create"});

// Commands of bpf(2) that look at or change the entries of maps that are open.
constexpr auto kMapCommands = std::to_array<scmp_datum_t>({1, 2, 3, 4, 21, 24, 25, 26, 27});

constexpr auto kRequests = std::to_array<scmp_datum_t>(
    {FIONREAD, FIONBIO, TCGETS, TIOCGWINSZ, PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE});

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {}
  ~Filter() {
    if (context_ != nullptr) seccomp_release(context_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  template <std::size_t kCount>
  void add(std::uint32_t action, const std::array<const char*, kCount>& names) {
    for (const char* const name : names) add(action, name);
  }
  void add(std::uint32_t action, const char* name) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR) return;
    note(seccomp_rule_add_array(context_, action, call, 0, nullptr));
  }
  // Only where the argument has one of these values, under this mask.
  template <typename Values>
  void add_where(const char* name, unsigned argument, const Values& values) {
    for (const scmp_datum_t value : values) {
      add_where(name, {argument, SCMP_CMP_EQ, value, 0});
    }
  }
  void add_where(const char* name, const scmp_arg_cmp& comparison) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR) return;
    note(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 1, &comparison));
  }
  // 0, or a negative errno.
  int load() {
    if (context_ == nullptr) return -ENOMEM;
    // All threads get the filter; one that cannot fails the load.
    note(seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1));
    return problem_ != 0 ? problem_ : seccomp_load(context_);
  }

 private:
  void note(int result) {
    if (result < 0 && problem_ == 0) problem_ = result;
  }
  scmp_filter_ctx context_;
  int problem_ = 0;
};

}  // namespace

ConfinementStep filter_system_calls(bool connects) {
  Filter filter;
  filter.add(SCMP_ACT_ALLOW, kAllowed);
  if (connects) filter.add(SCMP_ACT_ALLOW, kNetwork);
  filter.add(SCMP_ACT_KILL_PROCESS, kDeadly);
  filter.add_where("bpf", 0, kMapCommands);
  filter.add_where("ioctl", 1, kRequests);
  filter.add_where("prctl", 0, std::to_array<scmp_datum_t>({PR_SET_NAME, PR_GET_NAME}));
  // Reading limits only: no new limit is given.
  filter.add_where("prlimit64", {2, SCMP_CMP_EQ, 0, 0});
  // Threads, not processes. What clone3() is asked for stands in memory, where a filter cannot
  // look: told that it does not exist, the C library takes clone().
  filter.add_where("clone", {0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD});
  filter.add(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  const int result = filter.load();
  if (result != 0) {
    return {"seccomp", false, fmt::format("the filter was refused: {}", std::strerror(-result))};
  }
  return {"seccomp", true,
          fmt::format("{} system calls are allowed, {} end the process, the others fail",
                      kAllowed.size() + (connects ? kNetwork.size() : 0) + 5, kDeadly.size())};
}

}  // namespace vedette::engine
