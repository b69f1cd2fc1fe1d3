// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/system_calls.h"

#include <algorithm>
#include <array>

namespace vedette::formats::kernel {
namespace {

constexpr std::uint8_t kNone = 0xFF;

constexpr auto kOpenArguments = std::to_array<CallArgument>({{"fd", Shape::kResult, 0},
                                                             {"name", Shape::kAbsolute, 0},
                                                             {"flags", Shape::kOpenFlags, 1},
                                                             {"mode", Shape::kOctal, 2},
                                                             {"dev", Shape::kDevice, 0},
                                                             {"ino", Shape::kInode, 0}});
constexpr auto kOpenatArguments = std::to_array<CallArgument>({{"fd", Shape::kResult, 0},
                                                               {"dirfd", Shape::kDescriptor, 0},
                                                               {"name", Shape::kAbsolute, 0},
                                                               {"flags", Shape::kOpenFlags, 2},
                                                               {"mode", Shape::kOctal, 3},
                                                               {"dev", Shape::kDevice, 0},
                                                               {"ino", Shape::kInode, 0}});
constexpr auto kOpenat2Arguments = std::to_array<CallArgument>({{"fd", Shape::kResult, 0},
                                                                {"dirfd", Shape::kDescriptor, 0},
                                                                {"name", Shape::kAbsolute, 0},
                                                                {"flags", Shape::kOpenFlags, 2},
                                                                {"mode", Shape::kOctal, 3},
                                                                {"resolve", Shape::kHex, 4},
                                                                {"dev", Shape::kDevice, 0},
                                                                {"ino", Shape::kInode, 0}});
constexpr auto kCreatArguments = std::to_array<CallArgument>({{"fd", Shape::kResult, 0},
                                                              {"name", Shape::kAbsolute, 0},
                                                              {"mode", Shape::kOctal, 1},
                                                              {"dev", Shape::kDevice, 0},
                                                              {"ino", Shape::kInode, 0}});
constexpr auto kOpenByHandleAtArguments =
    std::to_array<CallArgument>({{"fd", Shape::kResult, 0},
                                 {"mountfd", Shape::kDescriptor, 0},
                                 {"flags", Shape::kOpenFlags, 2},
                                 {"path", Shape::kAbsolute, 0},
                                 {"dev", Shape::kDevice, 0},
                                 {"ino", Shape::kInode, 0}});
constexpr auto kExecveArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"exe", Shape::kExe, 0},
                                 {"args", Shape::kArguments, 0},
                                 {"tid", Shape::kTid, 0},
                                 {"pid", Shape::kPid, 0},
                                 {"ptid", Shape::kParentPid, 0},
                                 {"cwd", Shape::kCwd, 0},
                                 {"comm", Shape::kComm, 0},
                                 {"env", Shape::kEnvironment, 0},
                                 {"filename", Shape::kExeName, 0},
                                 {"flags", Shape::kExeFlags, 0},
                                 {"cap_inheritable", Shape::kCapability, 0},
                                 {"cap_permitted", Shape::kCapability, 1},
                                 {"cap_effective", Shape::kCapability, 2},
                                 {"uid", Shape::kUid, 6}});
constexpr auto kCloneArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                              {"exe", Shape::kExe, 0},
                                                              {"args", Shape::kArguments, 0},
                                                              {"tid", Shape::kTid, 0},
                                                              {"pid", Shape::kPid, 0},
                                                              {"ptid", Shape::kParentPid, 0},
                                                              {"cwd", Shape::kCwd, 0},
                                                              {"comm", Shape::kComm, 0},
                                                              {"flags", Shape::kCloneFlags, 0}});
constexpr auto kForkArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                             {"exe", Shape::kExe, 0},
                                                             {"args", Shape::kArguments, 0},
                                                             {"tid", Shape::kTid, 0},
                                                             {"pid", Shape::kPid, 0},
                                                             {"ptid", Shape::kParentPid, 0},
                                                             {"cwd", Shape::kCwd, 0},
                                                             {"comm", Shape::kComm, 0}});
constexpr auto kUnlinkArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"path", Shape::kAbsolute, 0}});
constexpr auto kUnlinkatArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"dirfd", Shape::kDescriptor, 0},
                                 {"name", Shape::kAbsolute, 0},
                                 {"flags", Shape::kUnlinkFlags, 2}});
constexpr auto kRenameArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                               {"oldpath", Shape::kAbsolute, 0},
                                                               {"newpath", Shape::kAbsolute2, 0}});
constexpr auto kRenameatArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"olddirfd", Shape::kDescriptor, 0},
                                 {"oldpath", Shape::kAbsolute, 0},
                                 {"newdirfd", Shape::kDescriptor, 2},
                                 {"newpath", Shape::kAbsolute2, 0}});
constexpr auto kRenameat2Arguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"olddirfd", Shape::kDescriptor, 0},
                                 {"oldpath", Shape::kAbsolute, 0},
                                 {"newdirfd", Shape::kDescriptor, 2},
                                 {"newpath", Shape::kAbsolute2, 0},
                                 {"flags", Shape::kRenameFlags, 4}});
constexpr auto kLinkatArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                               {"olddir", Shape::kDescriptor, 0},
                                                               {"oldpath", Shape::kAbsolute, 0},
                                                               {"newdir", Shape::kDescriptor, 2},
                                                               {"newpath", Shape::kAbsolute2, 0},
                                                               {"flags", Shape::kLinkFlags, 4}});
constexpr auto kSymlinkArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"target", Shape::kPath, 0}, {"linkpath", Shape::kAbsolute2, 0}});
constexpr auto kSymlinkatArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"target", Shape::kPath, 0},
                                 {"linkdirfd", Shape::kDescriptor, 1},
                                 {"linkpath", Shape::kAbsolute2, 0}});
constexpr auto kChmodArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                              {"filename", Shape::kAbsolute, 0},
                                                              {"mode", Shape::kModeFlags, 1}});
constexpr auto kFchmodArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"fd", Shape::kDescriptor, 0}, {"mode", Shape::kModeFlags, 1}});
constexpr auto kFchmodatArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                 {"dirfd", Shape::kDescriptor, 0},
                                                                 {"filename", Shape::kAbsolute, 0},
                                                                 {"mode", Shape::kModeFlags, 2}});
constexpr auto kFchmodat2Arguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                  {"dirfd", Shape::kDescriptor, 0},
                                                                  {"filename", Shape::kAbsolute, 0},
                                                                  {"mode", Shape::kModeFlags, 2},
                                                                  {"flags", Shape::kAtFlags, 3}});
constexpr auto kChownArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                              {"path", Shape::kAbsolute, 0},
                                                              {"uid", Shape::kUid, 1},
                                                              {"gid", Shape::kUid, 2}});
constexpr auto kFchownArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                               {"fd", Shape::kDescriptor, 0},
                                                               {"uid", Shape::kUid, 1},
                                                               {"gid", Shape::kUid, 2}});
constexpr auto kFchownatArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                 {"dirfd", Shape::kDescriptor, 0},
                                                                 {"pathname", Shape::kAbsolute, 0},
                                                                 {"uid", Shape::kUid, 2},
                                                                 {"gid", Shape::kUid, 3},
                                                                 {"flags", Shape::kAtFlags, 4}});
constexpr auto kMkdirArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"path", Shape::kAbsolute, 0}, {"mode", Shape::kOctal, 1}});
constexpr auto kMkdiratArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                {"dirfd", Shape::kDescriptor, 0},
                                                                {"path", Shape::kAbsolute, 0},
                                                                {"mode", Shape::kOctal, 2}});
constexpr auto kTruncateArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"path", Shape::kAbsolute, 0}, {"length", Shape::kUnsigned, 1}});
constexpr auto kMountArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                              {"dev", Shape::kPath, 0},
                                                              {"dir", Shape::kAbsolute2, 0},
                                                              {"type", Shape::kData, 0},
                                                              {"flags", Shape::kMountFlags, 3}});
constexpr auto kUmount2Arguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"name", Shape::kAbsolute, 0},
                                 {"flags", Shape::kUnmountFlags, 1}});
constexpr auto kMoveMountArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"from", Shape::kAbsolute, 0}, {"to", Shape::kAbsolute2, 0}});
constexpr auto kPivotRootArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"new_root", Shape::kAbsolute, 0},
                                 {"put_old", Shape::kAbsolute2, 0}});
constexpr auto kFchdirArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"fd", Shape::kDescriptor, 0}});
constexpr auto kSetnsArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"fd", Shape::kDescriptor, 0}, {"nstype", Shape::kCloneFlags, 1}});
constexpr auto kUnshareArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"flags", Shape::kCloneFlags, 0}});
constexpr auto kPtraceArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"request", Shape::kPtraceRequest, 0},
                                 {"pid", Shape::kDecimal, 1},
                                 {"addr", Shape::kHex, 2},
                                 {"data", Shape::kHex, 3}});
constexpr auto kProcessVmWritevArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"pid", Shape::kDecimal, 0}, {"data", Shape::kData, 0}});
constexpr auto kMemfdCreateArguments = std::to_array<CallArgument>(
    {{"fd", Shape::kResult, 0}, {"name", Shape::kPath, 0}, {"flags", Shape::kMemfdFlags, 1}});
constexpr auto kInitModuleArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                   {"img", Shape::kHex, 0},
                                                                   {"length", Shape::kUnsigned, 1},
                                                                   {"uargs", Shape::kPath, 0}});
constexpr auto kFinitModuleArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                    {"fd", Shape::kDescriptor, 0},
                                                                    {"uargs", Shape::kPath, 0},
                                                                    {"flags", Shape::kHex, 2}});
constexpr auto kDeleteModuleArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"name", Shape::kPath, 0}, {"flags", Shape::kOpenFlags, 1}});
constexpr auto kBpfArguments =
    std::to_array<CallArgument>({{"fd", Shape::kResult, 0}, {"cmd", Shape::kBpfCommand, 0}});
constexpr auto kIoUringSetupArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"entries", Shape::kUnsigned, 0}});
constexpr auto kKeyctlArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"operation", Shape::kKeyctlOperation, 0},
                                 {"key", Shape::kDecimal, 1}});
constexpr auto kPrctlArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                              {"option", Shape::kPrctlOption, 0},
                                                              {"arg2_str", Shape::kData, 0},
                                                              {"arg2_int", Shape::kDecimal, 1}});
constexpr auto kCapsetArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                 {"cap_inheritable", Shape::kCapability, 0},
                                 {"cap_permitted", Shape::kCapability, 1},
                                 {"cap_effective", Shape::kCapability, 2}});
constexpr auto kSetuidArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"uid", Shape::kUid, 0}});
constexpr auto kSetgidArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"gid", Shape::kUid, 0}});
constexpr auto kSetreuidArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"ruid", Shape::kUid, 0}, {"euid", Shape::kUid, 1}});
constexpr auto kSetregidArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"rgid", Shape::kUid, 0}, {"egid", Shape::kUid, 1}});
constexpr auto kSetresuidArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                  {"ruid", Shape::kUid, 0},
                                                                  {"euid", Shape::kUid, 1},
                                                                  {"suid", Shape::kUid, 2}});
constexpr auto kSetresgidArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                  {"rgid", Shape::kUid, 0},
                                                                  {"egid", Shape::kUid, 1},
                                                                  {"sgid", Shape::kUid, 2}});
constexpr auto kSetsidArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0}});
constexpr auto kSetpgidArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"pid", Shape::kDecimal, 0}, {"pgid", Shape::kDecimal, 1}});
constexpr auto kKillArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"pid", Shape::kDecimal, 0}, {"sig", Shape::kSignal, 1}});
constexpr auto kTkillArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"tid", Shape::kDecimal, 0}, {"sig", Shape::kSignal, 1}});
constexpr auto kTgkillArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                               {"pid", Shape::kDecimal, 0},
                                                               {"tid", Shape::kDecimal, 1},
                                                               {"sig", Shape::kSignal, 2}});
constexpr auto kUserfaultfdArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"flags", Shape::kOpenFlags, 0}});
constexpr auto kPerfEventOpenArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"pid", Shape::kDecimal, 1}});
constexpr auto kSocketArguments = std::to_array<CallArgument>({{"fd", Shape::kResult, 0},
                                                               {"domain", Shape::kDomain, 0},
                                                               {"type", Shape::kSocketType, 1},
                                                               {"proto", Shape::kUnsigned, 2}});
constexpr auto kSocketpairArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                   {"domain", Shape::kDomain, 0},
                                                                   {"type", Shape::kSocketType, 1},
                                                                   {"proto", Shape::kUnsigned, 2}});
constexpr auto kConnectArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"tuple", Shape::kTuple, 0}, {"fd", Shape::kDescriptor, 0}});
constexpr auto kAcceptArguments =
    std::to_array<CallArgument>({{"fd", Shape::kResult, 0}, {"tuple", Shape::kTuple, 0}});
constexpr auto kAccept4Arguments = std::to_array<CallArgument>(
    {{"fd", Shape::kResult, 0}, {"tuple", Shape::kTuple, 0}, {"flags", Shape::kDupFlags, 3}});
constexpr auto kBindArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"addr", Shape::kTuple, 0}, {"fd", Shape::kDescriptor, 0}});
constexpr auto kListenArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"fd", Shape::kDescriptor, 0}, {"backlog", Shape::kDecimal, 1}});
constexpr auto kSendtoArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                               {"fd", Shape::kDescriptor, 0},
                                                               {"size", Shape::kUnsigned, 2},
                                                               {"tuple", Shape::kTuple, 0},
                                                               {"data", Shape::kData, 0}});
constexpr auto kSendmsgArguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                                {"fd", Shape::kDescriptor, 0},
                                                                {"tuple", Shape::kTuple, 0},
                                                                {"data", Shape::kData, 0}});
constexpr auto kDupArguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"oldfd", Shape::kDescriptor, 0}});
constexpr auto kDup2Arguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                             {"oldfd", Shape::kDescriptor, 0},
                                                             {"newfd", Shape::kDescriptor, 1}});
constexpr auto kDup3Arguments = std::to_array<CallArgument>({{"res", Shape::kResult, 0},
                                                             {"oldfd", Shape::kDescriptor, 0},
                                                             {"newfd", Shape::kDescriptor, 1},
                                                             {"flags", Shape::kDupFlags, 2}});
constexpr auto kFcntlArguments = std::to_array<CallArgument>(
    {{"res", Shape::kResult, 0}, {"fd", Shape::kDescriptor, 0}, {"cmd", Shape::kUnsigned, 1}});
constexpr auto kPipe2Arguments =
    std::to_array<CallArgument>({{"res", Shape::kResult, 0}, {"flags", Shape::kDupFlags, 1}});

constexpr auto kCalls = std::to_array<SystemCall>({
    {2, "open", "file", kOpenArguments, true, 1},
    {257, "openat", "file", kOpenatArguments, true, 2},
    {437, "openat2", "file", kOpenat2Arguments, true, 2},
    {85, "creat", "file", kCreatArguments, true, kNone},
    {304, "open_by_handle_at", "file", kOpenByHandleAtArguments, true, 2},
    {59, "execve", "process", kExecveArguments, false, kNone},
    {322, "execveat", "process", kExecveArguments, false, kNone},
    {56, "clone", "process", kCloneArguments, false, kNone},
    {57, "fork", "process", kForkArguments, false, kNone},
    {58, "vfork", "process", kForkArguments, false, kNone},
    {435, "clone3", "process", kCloneArguments, false, kNone},
    {87, "unlink", "file", kUnlinkArguments, false, kNone},
    {263, "unlinkat", "file", kUnlinkatArguments, false, kNone},
    {82, "rename", "file", kRenameArguments, false, kNone},
    {264, "renameat", "file", kRenameatArguments, false, kNone},
    {316, "renameat2", "file", kRenameat2Arguments, false, kNone},
    {86, "link", "file", kRenameArguments, false, kNone},
    {265, "linkat", "file", kLinkatArguments, false, kNone},
    {88, "symlink", "file", kSymlinkArguments, false, kNone},
    {266, "symlinkat", "file", kSymlinkatArguments, false, kNone},
    {90, "chmod", "file", kChmodArguments, false, kNone},
    {91, "fchmod", "file", kFchmodArguments, false, kNone},
    {268, "fchmodat", "file", kFchmodatArguments, false, kNone},
    {452, "fchmodat2", "file", kFchmodat2Arguments, false, kNone},
    {92, "chown", "file", kChownArguments, false, kNone},
    {93, "fchown", "file", kFchownArguments, false, kNone},
    {94, "lchown", "file", kChownArguments, false, kNone},
    {260, "fchownat", "file", kFchownatArguments, false, kNone},
    {83, "mkdir", "file", kMkdirArguments, false, kNone},
    {258, "mkdirat", "file", kMkdiratArguments, false, kNone},
    {84, "rmdir", "file", kUnlinkArguments, false, kNone},
    {76, "truncate", "file", kTruncateArguments, false, kNone},
    {165, "mount", "system", kMountArguments, false, kNone},
    {166, "umount2", "system", kUmount2Arguments, false, kNone},
    {429, "move_mount", "system", kMoveMountArguments, false, kNone},
    {155, "pivot_root", "system", kPivotRootArguments, false, kNone},
    {161, "chroot", "process", kUnlinkArguments, false, kNone},
    {80, "chdir", "process", kUnlinkArguments, false, kNone},
    {81, "fchdir", "process", kFchdirArguments, false, kNone},
    {308, "setns", "process", kSetnsArguments, false, kNone},
    {272, "unshare", "process", kUnshareArguments, false, kNone},
    {101, "ptrace", "process", kPtraceArguments, false, kNone},
    {311, "process_vm_writev", "process", kProcessVmWritevArguments, false, kNone},
    {310, "process_vm_readv", "process", kProcessVmWritevArguments, false, kNone},
    {319, "memfd_create", "memory", kMemfdCreateArguments, false, kNone},
    {175, "init_module", "system", kInitModuleArguments, false, kNone},
    {313, "finit_module", "system", kFinitModuleArguments, false, kNone},
    {176, "delete_module", "system", kDeleteModuleArguments, false, kNone},
    {321, "bpf", "system", kBpfArguments, false, kNone},
    {425, "io_uring_setup", "system", kIoUringSetupArguments, false, kNone},
    {250, "keyctl", "system", kKeyctlArguments, false, kNone},
    {157, "prctl", "process", kPrctlArguments, false, kNone},
    {126, "capset", "process", kCapsetArguments, false, kNone},
    {105, "setuid", "user", kSetuidArguments, false, kNone},
    {106, "setgid", "user", kSetgidArguments, false, kNone},
    {113, "setreuid", "user", kSetreuidArguments, false, kNone},
    {114, "setregid", "user", kSetregidArguments, false, kNone},
    {117, "setresuid", "user", kSetresuidArguments, false, kNone},
    {119, "setresgid", "user", kSetresgidArguments, false, kNone},
    {122, "setfsuid", "user", kSetuidArguments, false, kNone},
    {123, "setfsgid", "user", kSetgidArguments, false, kNone},
    {112, "setsid", "process", kSetsidArguments, false, kNone},
    {109, "setpgid", "process", kSetpgidArguments, false, kNone},
    {62, "kill", "signal", kKillArguments, false, kNone},
    {200, "tkill", "signal", kTkillArguments, false, kNone},
    {234, "tgkill", "signal", kTgkillArguments, false, kNone},
    {323, "userfaultfd", "memory", kUserfaultfdArguments, false, kNone},
    {298, "perf_event_open", "system", kPerfEventOpenArguments, false, kNone},
    {41, "socket", "net", kSocketArguments, false, kNone},
    {53, "socketpair", "net", kSocketpairArguments, false, kNone},
    {42, "connect", "net", kConnectArguments, false, kNone},
    {43, "accept", "net", kAcceptArguments, false, kNone},
    {288, "accept4", "net", kAccept4Arguments, false, kNone},
    {49, "bind", "net", kBindArguments, false, kNone},
    {50, "listen", "net", kListenArguments, false, kNone},
    {44, "sendto", "net", kSendtoArguments, false, kNone},
    {46, "sendmsg", "net", kSendmsgArguments, false, kNone},
    {45, "recvfrom", "net", kSendmsgArguments, false, kNone},
    {47, "recvmsg", "net", kSendmsgArguments, false, kNone},
    {32, "dup", "file", kDupArguments, false, kNone},
    {33, "dup2", "file", kDup2Arguments, false, kNone},
    {292, "dup3", "file", kDup3Arguments, false, kNone},
    {72, "fcntl", "file", kFcntlArguments, false, kNone},
    {22, "pipe", "ipc", kSetsidArguments, false, kNone},
    {293, "pipe2", "ipc", kPipe2Arguments, false, kNone},
});

// Index into kCalls by number; kNone where there is none.
constexpr std::size_t kNumbersMax = 512;
constexpr auto kByNumber = [] {
  std::array<std::uint8_t, kNumbersMax> index{};
  index.fill(kNone);
  for (std::size_t i = 0; i < kCalls.size(); ++i) {
    index[kCalls[i].number] = static_cast<std::uint8_t>(i);
  }
  return index;
}();
static_assert(kCalls.size() < kNone);

constexpr auto kErrors = std::to_array<std::string_view>({"",
                                                          "EPERM",
                                                          "ENOENT",
                                                          "ESRCH",
                                                          "EINTR",
                                                          "EIO",
                                                          "ENXIO",
                                                          "E2BIG",
                                                          "ENOEXEC",
                                                          "EBADF",
                                                          "ECHILD",
                                                          "EAGAIN",
                                                          "ENOMEM",
                                                          "EACCES",
                                                          "EFAULT",
                                                          "ENOTBLK",
                                                          "EBUSY",
                                                          "EEXIST",
                                                          "EXDEV",
                                                          "ENODEV",
                                                          "ENOTDIR",
                                                          "EISDIR",
                                                          "EINVAL",
                                                          "ENFILE",
                                                          "EMFILE",
                                                          "ENOTTY",
                                                          "ETXTBSY",
                                                          "EFBIG",
                                                          "ENOSPC",
                                                          "ESPIPE",
                                                          "EROFS",
                                                          "EMLINK",
                                                          "EPIPE",
                                                          "EDOM",
                                                          "ERANGE",
                                                          "EDEADLK",
                                                          "ENAMETOOLONG",
                                                          "ENOLCK",
                                                          "ENOSYS",
                                                          "ENOTEMPTY",
                                                          "ELOOP",
                                                          "",
                                                          "ENOMSG",
                                                          "EIDRM",
                                                          "ECHRNG",
                                                          "EL2NSYNC",
                                                          "EL3HLT",
                                                          "EL3RST",
                                                          "ELNRNG",
                                                          "EUNATCH",
                                                          "ENOCSI",
                                                          "EL2HLT",
                                                          "EBADE",
                                                          "EBADR",
                                                          "EXFULL",
                                                          "ENOANO",
                                                          "EBADRQC",
                                                          "EBADSLT",
                                                          "",
                                                          "EBFONT",
                                                          "ENOSTR",
                                                          "ENODATA",
                                                          "ETIME",
                                                          "ENOSR",
                                                          "ENONET",
                                                          "ENOPKG",
                                                          "EREMOTE",
                                                          "ENOLINK",
                                                          "EADV",
                                                          "ESRMNT",
                                                          "ECOMM",
                                                          "EPROTO",
                                                          "EMULTIHOP",
                                                          "EDOTDOT",
                                                          "EBADMSG",
                                                          "EOVERFLOW",
                                                          "ENOTUNIQ",
                                                          "EBADFD",
                                                          "EREMCHG",
                                                          "ELIBACC",
                                                          "ELIBBAD",
                                                          "ELIBSCN",
                                                          "ELIBMAX",
                                                          "ELIBEXEC",
                                                          "EILSEQ",
                                                          "ERESTART",
                                                          "ESTRPIPE",
                                                          "EUSERS",
                                                          "ENOTSOCK",
                                                          "EDESTADDRREQ",
                                                          "EMSGSIZE",
                                                          "EPROTOTYPE",
                                                          "ENOPROTOOPT",
                                                          "EPROTONOSUPPORT",
                                                          "ESOCKTNOSUPPORT",
                                                          "EOPNOTSUPP",
                                                          "EPFNOSUPPORT",
                                                          "EAFNOSUPPORT",
                                                          "EADDRINUSE",
                                                          "EADDRNOTAVAIL",
                                                          "ENETDOWN",
                                                          "ENETUNREACH",
                                                          "ENETRESET",
                                                          "ECONNABORTED",
                                                          "ECONNRESET",
                                                          "ENOBUFS",
                                                          "EISCONN",
                                                          "ENOTCONN",
                                                          "ESHUTDOWN",
                                                          "ETOOMANYREFS",
                                                          "ETIMEDOUT",
                                                          "ECONNREFUSED",
                                                          "EHOSTDOWN",
                                                          "EHOSTUNREACH",
                                                          "EALREADY",
                                                          "EINPROGRESS",
                                                          "ESTALE",
                                                          "EUCLEAN",
                                                          "ENOTNAM",
                                                          "ENAVAIL",
                                                          "EISNAM",
                                                          "EREMOTEIO",
                                                          "EDQUOT",
                                                          "ENOMEDIUM",
                                                          "EMEDIUMTYPE",
                                                          "ECANCELED",
                                                          "ENOKEY",
                                                          "EKEYEXPIRED",
                                                          "EKEYREVOKED",
                                                          "EKEYREJECTED",
                                                          "EOWNERDEAD",
                                                          "ENOTRECOVERABLE",
                                                          "ERFKILL",
                                                          ""});

}  // namespace

const SystemCall* find_call(std::uint32_t number) {
  if (number >= kNumbersMax || kByNumber[number] == kNone) return nullptr;
  return &kCalls[kByNumber[number]];
}

const SystemCall* find_call(std::string_view name) {
  const auto* const found = std::ranges::find(kCalls, name, &SystemCall::name);
  return found == kCalls.end() ? nullptr : found;
}

const CallArgument* find_argument(const SystemCall& call, std::string_view name) {
  const auto found = std::ranges::find(call.arguments, name, &CallArgument::name);
  return found == call.arguments.end() ? nullptr : &*found;
}

std::span<const SystemCall> system_calls() { return kCalls; }

std::string_view error_of(std::int64_t result) {
  if (result >= 0 || result <= -static_cast<std::int64_t>(kErrors.size())) return {};
  return kErrors[static_cast<std::size_t>(-result)];
}

}  // namespace vedette::formats::kernel
