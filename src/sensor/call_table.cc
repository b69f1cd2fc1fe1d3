// SPDX-License-Identifier: Apache-2.0
#include "sensor/call_table.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <vector>

#include "formats/logs/auditd_syscalls.h"

namespace vedette::sensor {
namespace {

constexpr std::uint8_t kNotRelative = 9;
constexpr std::uint8_t kCredentials = VEDETTE_ALSO_CREDENTIALS;
constexpr std::uint8_t kSession = VEDETTE_ALSO_SESSION;
constexpr std::uint8_t kFolders = VEDETTE_ALSO_FOLDERS;
constexpr std::uint8_t kName = VEDETTE_ALSO_NAME;
constexpr std::uint8_t kResult = VEDETTE_ALSO_RESULT;
constexpr std::uint8_t kOpened = VEDETTE_ALSO_RESULT_PATH;
// Newer than the oldest C library that we build with.
constexpr int kFchmodat2 = 452;

struct Row {
  int number;
  vedette_call call;
};

// arguments, path, folder, path2, folder2, descriptor, address, text, also, shape, receives
// clang-format off
constexpr auto kRows = std::to_array<Row>({
{SYS_open,             {3, 1, 0, 0, 0, 0, 0, 0, kOpened, 0, 0, 0}},
{SYS_creat,            {2, 1, 0, 0, 0, 0, 0, 0, kOpened, 0, 0, 0}},
{SYS_openat,           {4, 2, 1, 0, 0, 0, 0, 0, kOpened, 0, 0, 0}},
{SYS_openat2,          {4, 2, 1, 0, 0, 0, 0, 0, kOpened, VEDETTE_SHAPE_OPEN_HOW, 0, 0}},
{SYS_open_by_handle_at,{3, 0, 0, 0, 0, 0, 0, 0, kOpened, 0, 0, 0}},
{SYS_unlink,           {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_unlinkat,         {3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_rename,           {2, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_renameat,         {4, 2, 1, 4, 3, 0, 0, 0, 0, 0, 0, 0}},
{SYS_renameat2,        {5, 2, 1, 4, 3, 0, 0, 0, 0, 0, 0, 0}},
{SYS_link,             {2, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_linkat,           {5, 2, 1, 4, 3, 0, 0, 0, 0, 0, 0, 0}},
{SYS_symlink,          {2, 1, kNotRelative, 2, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_symlinkat,        {3, 1, kNotRelative, 3, 2, 0, 0, 0, 0, 0, 0, 0}},
{SYS_chmod,            {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_fchmod,           {2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_fchmodat,         {3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{kFchmodat2,           {4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_chown,            {3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_lchown,           {3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_fchown,           {3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_fchownat,         {5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_mkdir,            {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_mkdirat,          {3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_rmdir,            {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_truncate,         {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_ftruncate,        {2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_mknod,            {3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_mknodat,          {4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_setxattr,         {5, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0}},
{SYS_lsetxattr,        {5, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0}},
{SYS_fsetxattr,        {5, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0}},
{SYS_utime,            {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_utimensat,        {4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_mount,            {5, 1, kNotRelative, 2, 0, 0, 0, 3, 0, 0, 0, 0}},
{SYS_umount2,          {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_move_mount,       {5, 2, 1, 4, 3, 0, 0, 0, 0, 0, 0, 0}},
{SYS_open_tree,        {3, 2, 1, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_fsopen,           {2, 0, 0, 0, 0, 0, 0, 1, kResult, 0, 0, 0}},
{SYS_fsconfig,         {5, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0}},
{SYS_setns,            {2, 0, 0, 0, 0, 1, 0, 0, kSession | kFolders | kCredentials, 0, 0, 0}},
{SYS_unshare,          {1, 0, 0, 0, 0, 0, 0, 0, kSession | kCredentials, 0, 0, 0}},
{SYS_pivot_root,       {2, 1, 0, 2, 0, 0, 0, 0, kFolders, 0, 0, 0}},
{SYS_chroot,           {1, 1, 0, 0, 0, 0, 0, 0, kFolders, 0, 0, 0}},
{SYS_chdir,            {1, 1, 0, 0, 0, 0, 0, 0, kFolders, 0, 0, 0}},
{SYS_fchdir,           {1, 0, 0, 0, 0, 1, 0, 0, kFolders, 0, 0, 0}},
{SYS_execve,           {3, 1, 0, 0, 0, 0, 0, 0, 0, VEDETTE_SHAPE_EXEC, 0, 0}},
{SYS_execveat,         {5, 2, 1, 0, 0, 0, 0, 0, 0, VEDETTE_SHAPE_EXEC, 0, 0}},
{SYS_ptrace,           {4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_process_vm_readv, {6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_process_vm_writev,{6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_memfd_create,     {2, 0, 0, 0, 0, 0, 0, 1, kResult, 0, 0, 0}},
{SYS_init_module,      {3, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0}},
{SYS_finit_module,     {3, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0}},
{SYS_delete_module,    {2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
{SYS_bpf,              {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_io_uring_setup,   {2, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_io_uring_register,{4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_keyctl,           {5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_add_key,          {5, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
{SYS_request_key,      {4, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
{SYS_prctl,            {5, 0, 0, 0, 0, 0, 0, 0, kName, 0, 0, 0}},
{SYS_capset,           {2, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setuid,           {1, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setgid,           {1, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setreuid,         {2, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setregid,         {2, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setresuid,        {3, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setresgid,        {3, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setfsuid,         {1, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setfsgid,         {1, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setgroups,        {2, 0, 0, 0, 0, 0, 0, 0, kCredentials, 0, 0, 0}},
{SYS_setsid,           {0, 0, 0, 0, 0, 0, 0, 0, kSession, 0, 0, 0}},
{SYS_setpgid,          {2, 0, 0, 0, 0, 0, 0, 0, kSession, 0, 0, 0}},
{SYS_kill,             {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_tkill,            {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_tgkill,           {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_pidfd_open,       {2, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_pidfd_getfd,      {3, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_pidfd_send_signal,{4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_userfaultfd,      {1, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_perf_event_open,  {5, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_seccomp,          {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_personality,      {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_socket,           {3, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_connect,          {3, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0}},
{SYS_accept,           {3, 0, 0, 0, 0, 1, 0, 0, kResult, 0, 0, 0}},
{SYS_accept4,          {4, 0, 0, 0, 0, 1, 0, 0, kResult, 0, 0, 0}},
{SYS_bind,             {3, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0}},
{SYS_listen,           {2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_shutdown,         {2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_setsockopt,       {5, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_sendto,           {6, 0, 0, 0, 0, 1, 5, 0, 0, VEDETTE_SHAPE_BUFFER, 0, 0}},
{SYS_recvfrom,         {6, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_BUFFER, 1, 0}},
{SYS_sendmsg,          {3, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_MESSAGE, 0, 0}},
{SYS_recvmsg,          {3, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_MESSAGE, 1, 0}},
{SYS_sendmmsg,         {4, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_MESSAGES, 0, 0}},
{SYS_recvmmsg,         {5, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_MESSAGES, 1, 0}},
{SYS_read,             {3, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_BUFFER, 1, 0}},
{SYS_write,            {3, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_BUFFER, 0, 0}},
{SYS_readv,            {3, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_VECTOR, 1, 0}},
{SYS_writev,           {3, 0, 0, 0, 0, 1, 0, 0, 0, VEDETTE_SHAPE_VECTOR, 0, 0}},
{SYS_pread64,          {4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_pwrite64,         {4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_sendfile,         {4, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0}},
{SYS_dup,              {1, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_dup2,             {2, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_dup3,             {3, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_fcntl,            {3, 0, 0, 0, 0, 0, 0, 0, kResult, VEDETTE_SHAPE_FCNTL, 0, 0}},
{SYS_ioctl,            {3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_mmap,             {6, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0}},
{SYS_mprotect,         {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_eventfd2,         {2, 0, 0, 0, 0, 0, 0, 0, kResult, 0, 0, 0}},
{SYS_inotify_add_watch,{3, 2, kNotRelative, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
{SYS_swapon,           {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_acct,             {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
{SYS_sethostname,      {2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
});

struct Operation {
  int operation;  // IORING_OP_…
  int number;
};
constexpr auto kOperations = std::to_array<Operation>({
{13, SYS_accept4}, {16, SYS_connect}, {18, SYS_openat}, {28, SYS_openat2}, {35, SYS_renameat2}, {36, SYS_unlinkat},
{37, SYS_mkdirat}, {38, SYS_symlinkat}, {39, SYS_linkat}, {45, SYS_socket}, {56, SYS_bind}, {57, SYS_listen},
});

// By the first argument of socketcall(2), from 0.
constexpr auto kSocketCalls = std::to_array<std::uint16_t>({
0xFFFF, SYS_socket, SYS_bind, SYS_connect, SYS_listen, SYS_accept, SYS_getsockname, SYS_getpeername, SYS_socketpair,
SYS_sendto, SYS_recvfrom, SYS_sendto, SYS_recvfrom, SYS_shutdown, SYS_setsockopt, SYS_getsockopt, SYS_sendmsg,
SYS_recvmsg, SYS_accept4, SYS_recvmmsg, SYS_sendmmsg,
});
// clang-format on

constexpr std::uint16_t kNone = 0xFFFF;
constexpr std::uint16_t kSocketCall = 0xFFFE;  // as bpf/calls.h has it

using NumberByName = std::map<std::string_view, std::uint16_t, std::less<>>;

// i386 has wider versions of calls under names of their own.
std::uint16_t number_of(const NumberByName& numbers, std::string_view name) {
  if (name == "socketcall") return kSocketCall;
  if (name == "umount") return SYS_umount2;
  if (name == "mmap2") return SYS_mmap;
  if (name == "waitpid") return SYS_wait4;
  for (const std::string_view suffix : {"", "32", "64"}) {
    if (!name.ends_with(suffix)) continue;
    const auto found = numbers.find(name.substr(0, name.size() - suffix.size()));
    if (found != numbers.end()) return found->second;
  }
  return kNone;
}

void describe_compat(vedette_settings& settings) {
  NumberByName numbers;
  for (std::uint16_t number = 0; number < VEDETTE_CALLS; ++number) {
    const std::string_view name = formats::logs::syscall_name("c000003e", std::to_string(number));
    if (!name.empty()) numbers.emplace(name, number);
  }
  for (int number = 0; number < VEDETTE_CALLS; ++number) {
    const std::string_view name = formats::logs::syscall_name("40000003", std::to_string(number));
    // The old mmap takes its arguments from memory.
    settings.compat[number] = name.empty() || number == 90 ? kNone : number_of(numbers, name);
  }
}

}  // namespace

void describe_calls(vedette_settings& settings) {
  for (vedette_call& call : settings.calls) call.arguments = 6;
  for (const Row& row : kRows) settings.calls[row.number] = row.call;
  for (const Operation& row : kOperations) {
    settings.io_uring[row.operation] = static_cast<std::uint16_t>(row.number);
  }
  for (std::uint16_t& number : settings.socketcalls) number = kNone;
  for (std::size_t i = 0; i < kSocketCalls.size(); ++i) settings.socketcalls[i] = kSocketCalls[i];
  describe_compat(settings);
}

std::vector<std::uint32_t> described_calls() {
  std::vector<std::uint32_t> numbers;
  for (const Row& row : kRows) numbers.push_back(static_cast<std::uint32_t>(row.number));
  return numbers;
}

void mark_compat_calls(const vedette_settings& settings, vedette_filter& filter) {
  const auto is_wanted = [&](std::uint16_t number) {
    return number < VEDETTE_CALLS && (filter.calls[number] & ~VEDETTE_WANT_COMPAT) != 0;
  };
  std::uint8_t added[VEDETTE_CALLS] = {};
  for (int number = 0; number < VEDETTE_CALLS; ++number) {
    bool wanted = is_wanted(settings.compat[number]);
    if (settings.compat[number] == kSocketCall) {
      for (const std::uint16_t call : settings.socketcalls) wanted = wanted || is_wanted(call);
    }
    if (wanted) added[number] = VEDETTE_WANT_COMPAT;
  }
  for (int number = 0; number < VEDETTE_CALLS; ++number) filter.calls[number] |= added[number];
}

}  // namespace vedette::sensor
