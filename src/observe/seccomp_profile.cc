// SPDX-License-Identifier: Apache-2.0
#include "observe/seccomp_profile.h"

#include <array>
#include <set>

#include "base/json_writer.h"

namespace vedette::observe {
namespace {

// What runc and crun do between loading the filter and execve, threads of runc's language
// included, and what ends every program or goes on after a signal without being seen to return.
constexpr auto kOfRuntimes = std::to_array<std::string_view>({
    "access",
    "arch_prctl",
    "brk",
    "capget",
    "capset",
    "chdir",
    "close",
    "close_range",
    "dup3",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "eventfd2",
    "execve",
    "exit",
    "exit_group",
    "faccessat",
    "faccessat2",
    "fchdir",
    "fcntl",
    "fstat",
    "fstatfs",
    "futex",
    "getdents64",
    "getgid",
    "getpid",
    "getppid",
    "getrandom",
    "gettid",
    "getuid",
    "lseek",
    "madvise",
    "mmap",
    "mprotect",
    "munmap",
    "nanosleep",
    "newfstatat",
    "open",
    "openat",
    "openat2",
    "pipe2",
    "prctl",
    "prlimit64",
    "read",
    "readlinkat",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_getaffinity",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "setgid",
    "setgroups",
    "setuid",
    "sigaltstack",
    "stat",
    "statfs",
    "statx",
    "tgkill",
    "umask",
    "uname",
    "write",
});

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
constexpr std::uint64_t kNameSpaces = 0x7E020000;
constexpr int kNoSuchCall = 38;  // ENOSYS
constexpr int kForbidden = 1;    // EPERM

void write_clone(JsonWriter& json) {
  json.begin_object().key("names").begin_array().string("clone").end_array();
  json.key("action").string("SCMP_ACT_ALLOW").key("args").begin_array().begin_object();
  json.key("index").number(0).key("value").number(kNameSpaces).key("valueTwo").number(0);
  json.key("op").string("SCMP_CMP_MASKED_EQ").end_object().end_array().end_object();
  json.begin_object().key("names").begin_array().string("clone3").end_array();
  json.key("action").string("SCMP_ACT_ERRNO").key("errnoRet").number(kNoSuchCall).end_object();
}

}  // namespace

std::span<const std::string_view> calls_of_runtimes() { return kOfRuntimes; }

std::string seccomp_profile(const ImageProfile& image) {
  std::set<std::string_view> allowed(kOfRuntimes.begin(), kOfRuntimes.end());
  allowed.insert(image.system_calls.begin(), image.system_calls.end());
  // A filter has one list of names for all machines.
  allowed.insert(image.compat_system_calls.begin(), image.compat_system_calls.end());
  allowed.erase("clone");
  allowed.erase("clone3");
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("defaultAction").string("SCMP_ACT_ERRNO");
  json.key("defaultErrnoRet").number(kForbidden);
  json.key("architectures").begin_array().string("SCMP_ARCH_X86_64");
  if (!image.compat_system_calls.empty()) json.string("SCMP_ARCH_X86");
  json.end_array().key("syscalls").begin_array();
  json.begin_object().key("names").begin_array();
  for (const std::string_view name : allowed) json.string(name);
  json.end_array().key("action").string("SCMP_ACT_ALLOW").end_object();
  write_clone(json);
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace vedette::observe
