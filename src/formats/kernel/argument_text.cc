// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>

#include "formats/kernel/fields.h"

namespace vedette::formats::kernel {
namespace {

// A bit or number of an argument and its name.
struct Name {
  std::uint64_t value;
  std::string_view name;
};
using Names = std::span<const Name>;

// Kernel headers of different ages lack some of these, so numbers stand here.
constexpr auto kOpenFlags = std::to_array<Name>({{0x40, "O_CREAT"},
                                                 {0x400, "O_APPEND"},
                                                 {0x1000, "O_DSYNC"},
                                                 {0x80, "O_EXCL"},
                                                 {0x800, "O_NONBLOCK"},
                                                 {0x100000, "O_SYNC"},
                                                 {0x200, "O_TRUNC"},
                                                 {0x4000, "O_DIRECT"},
                                                 {0x10000, "O_DIRECTORY"},
                                                 {0x8000, "O_LARGEFILE"},
                                                 {0x80000, "O_CLOEXEC"},
                                                 {0x400000, "O_TMPFILE"},
                                                 {0x20000, "O_NOFOLLOW"},
                                                 {0x200000, "O_PATH"}});
constexpr auto kModeFlags = std::to_array<Name>({{04000, "S_ISUID"},
                                                 {02000, "S_ISGID"},
                                                 {01000, "S_ISVTX"},
                                                 {0400, "S_IRUSR"},
                                                 {0200, "S_IWUSR"},
                                                 {0100, "S_IXUSR"},
                                                 {0040, "S_IRGRP"},
                                                 {0020, "S_IWGRP"},
                                                 {0010, "S_IXGRP"},
                                                 {0004, "S_IROTH"},
                                                 {0002, "S_IWOTH"},
                                                 {0001, "S_IXOTH"}});
constexpr auto kUnlinkFlags = std::to_array<Name>({{0x200, "AT_REMOVEDIR"}});
constexpr auto kLinkFlags =
    std::to_array<Name>({{0x400, "AT_SYMLINK_FOLLOW"}, {0x1000, "AT_EMPTY_PATH"}});
constexpr auto kAtFlags =
    std::to_array<Name>({{0x100, "AT_SYMLINK_NOFOLLOW"}, {0x1000, "AT_EMPTY_PATH"}});
constexpr auto kRenameFlags =
    std::to_array<Name>({{1, "RENAME_NOREPLACE"}, {2, "RENAME_EXCHANGE"}, {4, "RENAME_WHITEOUT"}});
constexpr auto kMountFlags = std::to_array<Name>({{1, "RDONLY"},
                                                  {2, "NOSUID"},
                                                  {4, "NODEV"},
                                                  {8, "NOEXEC"},
                                                  {16, "SYNCHRONOUS"},
                                                  {32, "REMOUNT"},
                                                  {64, "MANDLOCK"},
                                                  {128, "DIRSYNC"},
                                                  {1024, "NOATIME"},
                                                  {2048, "NODIRATIME"},
                                                  {4096, "BIND"},
                                                  {8192, "MOVE"},
                                                  {16384, "REC"},
                                                  {32768, "SILENT"},
                                                  {1U << 16, "POSIXACL"},
                                                  {1U << 17, "UNBINDABLE"},
                                                  {1U << 18, "PRIVATE"},
                                                  {1U << 19, "SLAVE"},
                                                  {1U << 20, "SHARED"},
                                                  {1U << 21, "RELATIME"},
                                                  {1U << 24, "STRICTATIME"},
                                                  {1U << 25, "LAZYTIME"}});
constexpr auto kUnmountFlags =
    std::to_array<Name>({{1, "FORCE"}, {2, "DETACH"}, {4, "EXPIRE"}, {8, "NOFOLLOW"}});
constexpr auto kCloneFlags = std::to_array<Name>({{0x100, "CLONE_VM"},
                                                  {0x200, "CLONE_FS"},
                                                  {0x400, "CLONE_FILES"},
                                                  {0x800, "CLONE_SIGHAND"},
                                                  {0x2000, "CLONE_PTRACE"},
                                                  {0x4000, "CLONE_VFORK"},
                                                  {0x8000, "CLONE_PARENT"},
                                                  {0x10000, "CLONE_THREAD"},
                                                  {0x20000, "CLONE_NEWNS"},
                                                  {0x40000, "CLONE_SYSVSEM"},
                                                  {0x80000, "CLONE_SETTLS"},
                                                  {0x100000, "CLONE_PARENT_SETTID"},
                                                  {0x200000, "CLONE_CHILD_CLEARTID"},
                                                  {0x800000, "CLONE_UNTRACED"},
                                                  {0x1000000, "CLONE_CHILD_SETTID"},
                                                  {0x2000000, "CLONE_NEWCGROUP"},
                                                  {0x4000000, "CLONE_NEWUTS"},
                                                  {0x8000000, "CLONE_NEWIPC"},
                                                  {0x10000000, "CLONE_NEWUSER"},
                                                  {0x20000000, "CLONE_NEWPID"},
                                                  {0x40000000, "CLONE_NEWNET"},
                                                  {0x80000000, "CLONE_IO"}});
constexpr auto kPtraceRequests = std::to_array<Name>({{0, "PTRACE_TRACEME"},
                                                      {1, "PTRACE_PEEKTEXT"},
                                                      {2, "PTRACE_PEEKDATA"},
                                                      {3, "PTRACE_PEEKUSR"},
                                                      {4, "PTRACE_POKETEXT"},
                                                      {5, "PTRACE_POKEDATA"},
                                                      {6, "PTRACE_POKEUSR"},
                                                      {7, "PTRACE_CONT"},
                                                      {8, "PTRACE_KILL"},
                                                      {9, "PTRACE_SINGLESTEP"},
                                                      {12, "PTRACE_GETREGS"},
                                                      {13, "PTRACE_SETREGS"},
                                                      {14, "PTRACE_GETFPREGS"},
                                                      {15, "PTRACE_SETFPREGS"},
                                                      {16, "PTRACE_ATTACH"},
                                                      {17, "PTRACE_DETACH"},
                                                      {24, "PTRACE_SYSCALL"},
                                                      {0x4200, "PTRACE_SETOPTIONS"},
                                                      {0x4201, "PTRACE_GETEVENTMSG"},
                                                      {0x4202, "PTRACE_GETSIGINFO"},
                                                      {0x4203, "PTRACE_SETSIGINFO"},
                                                      {0x4204, "PTRACE_GETREGSET"},
                                                      {0x4205, "PTRACE_SETREGSET"},
                                                      {0x4206, "PTRACE_SEIZE"},
                                                      {0x4207, "PTRACE_INTERRUPT"},
                                                      {0x4208, "PTRACE_LISTEN"}});
constexpr auto kDomains = std::to_array<Name>({{0, "AF_UNSPEC"},
                                               {1, "AF_UNIX"},
                                               {2, "AF_INET"},
                                               {3, "AF_AX25"},
                                               {10, "AF_INET6"},
                                               {15, "AF_KEY"},
                                               {16, "AF_NETLINK"},
                                               {17, "AF_PACKET"},
                                               {29, "AF_CAN"},
                                               {31, "AF_BLUETOOTH"},
                                               {38, "AF_ALG"},
                                               {40, "AF_VSOCK"},
                                               {44, "AF_XDP"}});
constexpr auto kSignals = std::to_array<Name>(
    {{1, "SIGHUP"},   {2, "SIGINT"},   {3, "SIGQUIT"},  {4, "SIGILL"},   {5, "SIGTRAP"},
     {6, "SIGABRT"},  {7, "SIGBUS"},   {8, "SIGFPE"},   {9, "SIGKILL"},  {10, "SIGUSR1"},
     {11, "SIGSEGV"}, {12, "SIGUSR2"}, {13, "SIGPIPE"}, {14, "SIGALRM"}, {15, "SIGTERM"},
     {17, "SIGCHLD"}, {18, "SIGCONT"}, {19, "SIGSTOP"}, {20, "SIGTSTP"}, {31, "SIGSYS"}});
constexpr auto kBpfCommands = std::to_array<Name>({{0, "BPF_MAP_CREATE"},
                                                   {1, "BPF_MAP_LOOKUP_ELEM"},
                                                   {2, "BPF_MAP_UPDATE_ELEM"},
                                                   {3, "BPF_MAP_DELETE_ELEM"},
                                                   {4, "BPF_MAP_GET_NEXT_KEY"},
                                                   {5, "BPF_PROG_LOAD"},
                                                   {6, "BPF_OBJ_PIN"},
                                                   {7, "BPF_OBJ_GET"},
                                                   {8, "BPF_PROG_ATTACH"},
                                                   {9, "BPF_PROG_DETACH"},
                                                   {17, "BPF_RAW_TRACEPOINT_OPEN"},
                                                   {18, "BPF_BTF_LOAD"},
                                                   {28, "BPF_LINK_CREATE"}});
constexpr auto kMemfdFlags = std::to_array<Name>({{1, "MFD_CLOEXEC"},
                                                  {2, "MFD_ALLOW_SEALING"},
                                                  {4, "MFD_HUGETLB"},
                                                  {8, "MFD_NOEXEC_SEAL"},
                                                  {16, "MFD_EXEC"}});
constexpr auto kDupFlags = std::to_array<Name>({{0x80000, "O_CLOEXEC"}, {0x800, "O_NONBLOCK"}});
constexpr auto kPrctlOptions = std::to_array<Name>({{1, "PR_SET_PDEATHSIG"},
                                                    {4, "PR_SET_DUMPABLE"},
                                                    {8, "PR_SET_KEEPCAPS"},
                                                    {15, "PR_SET_NAME"},
                                                    {22, "PR_SET_SECCOMP"},
                                                    {24, "PR_CAPBSET_DROP"},
                                                    {35, "PR_SET_MM"},
                                                    {36, "PR_SET_CHILD_SUBREAPER"},
                                                    {38, "PR_SET_NO_NEW_PRIVS"},
                                                    {47, "PR_CAP_AMBIENT"},
                                                    {0x59616d61, "PR_SET_PTRACER"}});
constexpr auto kKeyctlOperations = std::to_array<Name>({{0, "KEYCTL_GET_KEYRING_ID"},
                                                        {1, "KEYCTL_JOIN_SESSION_KEYRING"},
                                                        {2, "KEYCTL_UPDATE"},
                                                        {3, "KEYCTL_REVOKE"},
                                                        {6, "KEYCTL_DESCRIBE"},
                                                        {8, "KEYCTL_LINK"},
                                                        {10, "KEYCTL_SEARCH"},
                                                        {11, "KEYCTL_READ"}});

constexpr std::size_t kFlagBytesMax = 512;

class TextBuilder {
 public:
  explicit TextBuilder(Arena& arena) : arena_(arena), text_(arena.allocate(kFlagBytesMax)) {}
  void add(std::string_view text) {
    const std::size_t fit = std::min(text.size(), kFlagBytesMax - size_);
    std::memcpy(text_ + size_, text.data(), fit);
    size_ += fit;
  }
  void add_flag(std::string_view text) {
    if (size_ > 0) add("|");
    add(text);
  }
  template <typename Number>
  void add_number(Number number, int base = 10) {
    const auto result = std::to_chars(text_ + size_, text_ + kFlagBytesMax, number, base);
    if (result.ec == std::errc()) size_ = static_cast<std::size_t>(result.ptr - text_);
  }
  std::string_view done() {
    arena_.shrink(text_, size_);
    return {text_, size_};
  }

 private:
  Arena& arena_;
  char* text_;
  std::size_t size_ = 0;
};

std::string_view flags_text(std::uint64_t value, Names names, std::string_view none, Arena& arena) {
  TextBuilder text(arena);
  bool any = false;
  for (const Name& name : names) {
    if ((value & name.value) != name.value) continue;
    text.add_flag(name.name);
    any = true;
  }
  if (!any) text.add(none);
  return text.done();
}

std::string_view name_text(std::uint64_t value, Names names, Arena& arena) {
  const auto found = std::ranges::find(names, value, &Name::value);
  if (found != names.end()) return found->name;
  TextBuilder text(arena);
  text.add_number(value);
  return text.done();
}

// As Falco: what is opened for first, then the flags, then what became of the file.
std::string_view open_flags_text(const FieldContext& context, std::uint64_t flags) {
  constexpr std::array<std::string_view, 4> kAccess = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_RDWR"};
  TextBuilder text(context.arena);
  const auto file = context.record.get<vedette_file>(VEDETTE_FIELD_FILE);
  for (const Name& name : kOpenFlags) {
    if ((flags & name.value) == name.value) text.add_flag(name.name);
  }
  text.add_flag(kAccess[flags & 3]);
  if (file && (file->flags & VEDETTE_FILE_CREATED) != 0) text.add_flag("O_F_CREATED");
  if (file && (file->flags & VEDETTE_FILE_UPPER) != 0) text.add_flag("FD_UPPER_LAYER");
  if (file && (file->flags & VEDETTE_FILE_LOWER) != 0) text.add_flag("FD_LOWER_LAYER");
  return text.done();
}

std::string_view exe_flags_text(const FieldContext& context) {
  TextBuilder text(context.arena);
  if (context.process == nullptr) return text.done();
  const std::uint32_t flags = context.process->exe_file.flags;
  if ((flags & VEDETTE_FILE_WRITABLE) != 0) text.add_flag("EXE_WRITABLE");
  if ((flags & VEDETTE_FILE_UPPER) != 0) text.add_flag("EXE_UPPER_LAYER");
  if ((flags & VEDETTE_FILE_MEMFD) != 0) text.add_flag("EXE_FROM_MEMFD");
  if ((flags & VEDETTE_FILE_LOWER) != 0) text.add_flag("EXE_LOWER_LAYER");
  return text.done();
}

std::string_view descriptor_text(std::uint64_t value, Arena& arena) {
  const auto number = static_cast<std::int32_t>(value);
  if (number == AT_FDCWD) return "AT_FDCWD";
  TextBuilder text(arena);
  text.add_number(number);
  return text.done();
}

// Shapes that are names for a number.
struct NamedShape {
  Shape shape;
  Names names;
  bool flags;
  std::string_view none;
};
constexpr auto kNamedShapes = std::to_array<NamedShape>({
    {Shape::kModeFlags, kModeFlags, true, "0"},
    {Shape::kUnlinkFlags, kUnlinkFlags, true, "0"},
    {Shape::kLinkFlags, kLinkFlags, true, "0"},
    {Shape::kAtFlags, kAtFlags, true, "0"},
    {Shape::kRenameFlags, kRenameFlags, true, "0"},
    {Shape::kMountFlags, kMountFlags, true, "0"},
    {Shape::kUnmountFlags, kUnmountFlags, true, "0"},
    {Shape::kCloneFlags, kCloneFlags, true, "0"},
    {Shape::kMemfdFlags, kMemfdFlags, true, "0"},
    {Shape::kDupFlags, kDupFlags, true, "0"},
    {Shape::kPtraceRequest, kPtraceRequests, false, ""},
    {Shape::kDomain, kDomains, false, ""},
    {Shape::kSignal, kSignals, false, ""},
    {Shape::kBpfCommand, kBpfCommands, false, ""},
    {Shape::kPrctlOption, kPrctlOptions, false, ""},
    {Shape::kKeyctlOperation, kKeyctlOperations, false, ""},
});

std::string_view number_text(Shape shape, std::uint64_t value, Arena& arena) {
  TextBuilder text(arena);
  switch (shape) {
    case Shape::kDecimal:
      text.add_number(static_cast<std::int64_t>(value));
      break;
    case Shape::kUid:
      text.add_number(static_cast<std::int32_t>(value));
      break;
    case Shape::kHex:
      text.add_number(value, 16);
      break;
    case Shape::kOctal:
      text.add("0");
      text.add_number(value & 07777, 8);
      break;
    case Shape::kSocketType:
      text.add_number(value & 0xFF);
      break;
    default:
      text.add_number(value);
  }
  return text.done();
}

std::string_view made_from_number(const CallArgument& argument, const FieldContext& context) {
  const std::optional<std::uint64_t> value = context.record.argument(argument.index);
  if (!value) return {};
  if (argument.shape == Shape::kOpenFlags) return open_flags_text(context, *value);
  if (argument.shape == Shape::kDescriptor) return descriptor_text(*value, context.arena);
  for (const NamedShape& named : kNamedShapes) {
    if (named.shape != argument.shape) continue;
    return named.flags ? flags_text(*value, named.names, named.none, context.arena)
                       : name_text(*value, named.names, context.arena);
  }
  return number_text(argument.shape, *value, context.arena);
}

std::string_view result_text(const FieldContext& context) {
  const std::int64_t result = context.record.header().result;
  TextBuilder text(context.arena);
  text.add_number(result);
  const std::string_view name = error_of(result);
  if (!name.empty()) {
    text.add("(");
    text.add(name);
    text.add(")");
  }
  return text.done();
}

std::string_view of_process(Shape shape, const FieldContext& context) {
  if (context.process == nullptr) return {};
  const Process& process = *context.process;
  switch (shape) {
    case Shape::kExe: {
      std::string_view first;
      ListReader(process.arguments).next(first);
      return first;
    }
    case Shape::kArguments:
      return join_list(process.arguments, 1, context.arena);
    case Shape::kEnvironment:
      return join_list(process.environment, 0, context.arena);
    case Shape::kCwd:
      return process.cwd;
    case Shape::kComm:
      return process.comm;
    case Shape::kExeFlags:
      return exe_flags_text(context);
    case Shape::kParentPid:
      return number_text(Shape::kDecimal, process.parent, context.arena);
    default:
      return {};
  }
}

std::string_view file_number(Shape shape, const FieldContext& context) {
  const auto file = context.record.get<vedette_file>(VEDETTE_FIELD_FILE);
  if (!file) return {};
  return shape == Shape::kInode ? number_text(Shape::kUnsigned, file->inode, context.arena)
                                : number_text(Shape::kHex, file->device, context.arena);
}

std::string_view capability_text(std::uint8_t which, const FieldContext& context) {
  if (context.process == nullptr) return {};
  const vedette_credentials& credentials = context.process->credentials;
  const std::uint64_t set = which == 0   ? credentials.inheritable
                            : which == 1 ? credentials.permitted
                                         : credentials.effective;
  return number_text(Shape::kHex, set, context.arena);
}

}  // namespace

std::string_view argument_text(const CallArgument& argument, const FieldContext& context) {
  switch (argument.shape) {
    case Shape::kResult:
      return result_text(context);
    case Shape::kPath:
      return context.record.field(VEDETTE_FIELD_PATH_GIVEN);
    case Shape::kExeName:
      return context.record.field(VEDETTE_FIELD_EXE_NAME);
    case Shape::kAbsolute:
      return first_path(context);
    case Shape::kAbsolute2:
      return second_path(context);
    case Shape::kData:
      return context.record.field(VEDETTE_FIELD_DATA);
    case Shape::kTuple:
      return tuple_text(context);
    case Shape::kPid:
      return number_text(Shape::kDecimal, context.record.header().pid, context.arena);
    case Shape::kTid:
      return number_text(Shape::kDecimal, context.record.header().tid, context.arena);
    case Shape::kDevice:
    case Shape::kInode:
      return file_number(argument.shape, context);
    case Shape::kCapability:
      return capability_text(argument.index, context);
    case Shape::kExe:
    case Shape::kArguments:
    case Shape::kEnvironment:
    case Shape::kCwd:
    case Shape::kComm:
    case Shape::kExeFlags:
    case Shape::kParentPid:
      return of_process(argument.shape, context);
    default:
      return made_from_number(argument, context);
  }
}

}  // namespace vedette::formats::kernel
