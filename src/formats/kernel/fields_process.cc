// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>

#include "formats/kernel/fields.h"

namespace vedette::formats::kernel {
namespace {

using Argument = FieldRow::Argument;

// "NAME ARGUMENTS", as Falco joins them.
std::string_view command_line(const Process& process, Arena& arena) {
  const std::string_view arguments = join_list(process.arguments, 1, arena);
  if (arguments.empty()) return process.comm;
  return concatenate({process.comm, " ", arguments}, arena);
}

std::string_view first_argument(const Process& process) {
  std::string_view first;
  ListReader(process.arguments).next(first);
  return first;
}

std::size_t argument_count(const Process& process) {
  std::size_t count = 0;
  ListReader reader(process.arguments);
  for (std::string_view element; reader.next(element);) ++count;
  return count == 0 ? 0 : count - 1;
}

std::size_t argument_bytes(const Process& process) {
  std::size_t bytes = 0;
  std::size_t index = 0;
  ListReader reader(process.arguments);
  for (std::string_view element; reader.next(element); ++index) {
    if (index > 0) bytes += element.size();
  }
  return bytes;
}

void environment(const Process& process, const FieldContext& context, FieldValues& out) {
  if (context.argument.empty()) return out.known(join_list(process.environment, 0, context.arena));
  ListReader reader(process.environment);
  for (std::string_view element; reader.next(element);) {
    if (element.size() > context.argument.size() && element.starts_with(context.argument) &&
        element[context.argument.size()] == '=') {
      return out.text(element.substr(context.argument.size() + 1));
    }
  }
}

bool has_flag(const Process& process, std::uint32_t flag) {
  return (process.exe_file.flags & flag) != 0;
}

constexpr auto kCapabilityNames = std::to_array<std::string_view>({"CAP_CHOWN",
                                                                   "CAP_DAC_OVERRIDE",
                                                                   "CAP_DAC_READ_SEARCH",
                                                                   "CAP_FOWNER",
                                                                   "CAP_FSETID",
                                                                   "CAP_KILL",
                                                                   "CAP_SETGID",
                                                                   "CAP_SETUID",
                                                                   "CAP_SETPCAP",
                                                                   "CAP_LINUX_IMMUTABLE",
                                                                   "CAP_NET_BIND_SERVICE",
                                                                   "CAP_NET_BROADCAST",
                                                                   "CAP_NET_ADMIN",
                                                                   "CAP_NET_RAW",
                                                                   "CAP_IPC_LOCK",
                                                                   "CAP_IPC_OWNER",
                                                                   "CAP_SYS_MODULE",
                                                                   "CAP_SYS_RAWIO",
                                                                   "CAP_SYS_CHROOT",
                                                                   "CAP_SYS_PTRACE",
                                                                   "CAP_SYS_PACCT",
                                                                   "CAP_SYS_ADMIN",
                                                                   "CAP_SYS_BOOT",
                                                                   "CAP_SYS_NICE",
                                                                   "CAP_SYS_RESOURCE",
                                                                   "CAP_SYS_TIME",
                                                                   "CAP_SYS_TTY_CONFIG",
                                                                   "CAP_MKNOD",
                                                                   "CAP_LEASE",
                                                                   "CAP_AUDIT_WRITE",
                                                                   "CAP_AUDIT_CONTROL",
                                                                   "CAP_SETFCAP",
                                                                   "CAP_MAC_OVERRIDE",
                                                                   "CAP_MAC_ADMIN",
                                                                   "CAP_SYSLOG",
                                                                   "CAP_WAKE_ALARM",
                                                                   "CAP_BLOCK_SUSPEND",
                                                                   "CAP_AUDIT_READ",
                                                                   "CAP_PERFMON",
                                                                   "CAP_BPF",
                                                                   "CAP_CHECKPOINT_RESTORE"});

void capabilities(std::uint64_t set, Arena& arena, FieldValues& out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < kCapabilityNames.size(); ++i) {
    if ((set >> i & 1) != 0) size += kCapabilityNames[i].size() + 1;
  }
  if (size == 0) return out.text("NONE");
  char* const text = arena.allocate(size);
  char* at = text;
  for (std::size_t i = 0; i < kCapabilityNames.size(); ++i) {
    if ((set >> i & 1) == 0) continue;
    std::memcpy(at, kCapabilityNames[i].data(), kCapabilityNames[i].size());
    at += kCapabilityNames[i].size();
    *at++ = ' ';
  }
  out.text({text, size - 1});
}

const Process* ancestor(const FieldContext& context, std::int32_t generation) {
  const Process* process = context.process;
  for (std::int32_t i = 0; i < generation && process != nullptr; ++i) {
    process = context.state.parent_of(*process);
  }
  return process;
}

// The leader of a session or process group, whose numbers count in the initial namespace.
const Process* leader(const FieldContext& context, std::uint32_t pid) {
  return pid == 0 ? nullptr : context.state.find(pid, 0);
}

constexpr std::int32_t kGenerationsMax = 64;

// proc.aNAME[n]: of the n-th ancestor (0: the process itself); without n: of all above it.
template <auto get>
void of_ancestors(const FieldContext& context, FieldValues& out) {
  if (context.process == nullptr) return;
  if (context.index >= 0) {
    const Process* const process = ancestor(context, std::min(context.index, kGenerationsMax));
    if (process != nullptr) get(*process, context, out);
    return;
  }
  const Process* process = context.state.parent_of(*context.process);
  for (std::int32_t i = 0; i < kGenerationsMax && process != nullptr; ++i) {
    get(*process, context, out);
    process = context.state.parent_of(*process);
  }
}

template <auto get>
void of_process(const FieldContext& context, FieldValues& out) {
  if (context.process != nullptr && context.process->known) get(*context.process, context, out);
}

template <auto get>
void of_parent(const FieldContext& context, FieldValues& out) {
  const Process* const parent = context.process == nullptr ? nullptr : ancestor(context, 1);
  if (parent != nullptr && parent->known) get(*parent, context, out);
}

using Context = FieldContext;

void pid(const Process& process, const Context&, FieldValues& out) {
  out.number(std::int64_t{process.pid});
}
void comm(const Process& process, const Context&, FieldValues& out) { out.known(process.comm); }
void exe(const Process& process, const Context&, FieldValues& out) {
  out.known(first_argument(process));
}
void exe_path(const Process& process, const Context&, FieldValues& out) {
  out.known(process.exe_path);
}
void arguments(const Process& process, const Context& context, FieldValues& out) {
  out.text(join_list(process.arguments, 1, context.arena));
}
void whole_command(const Process& process, const Context& context, FieldValues& out) {
  out.known(command_line(process, context.arena));
}
void exe_line(const Process& process, const Context& context, FieldValues& out) {
  out.known(join_list(process.arguments, 0, context.arena));
}
void variables(const Process& process, const Context& context, FieldValues& out) {
  environment(process, context, out);
}
void started(const Process& process, const Context& context, FieldValues& out) {
  out.number(context.state.to_time(process.started));
}

void age(const Process& process, const Context& context, FieldValues& out) {
  const std::uint64_t now = context.record.header().time;
  out.number(now > process.started ? now - process.started : 0);
}
// How long before the process began to run it its file was changed.
void changed_before(const Process& process, const Context& context, FieldValues& out) {
  const std::int64_t start = context.state.to_time(process.executed);
  const std::int64_t changed = process.exe_file.changed;
  if (changed > 0 && start > changed) out.number(start - changed);
}

template <auto member>
void of_leader(const FieldContext& context, FieldValues& out) {
  if (context.process == nullptr) return;
  const Process* const process = leader(context, context.process->session.sid);
  if (process != nullptr) member(*process, context, out);
}

template <auto member>
void of_group_leader(const FieldContext& context, FieldValues& out) {
  if (context.process == nullptr) return;
  const Process* const process = leader(context, context.process->session.pgid);
  if (process != nullptr) member(*process, context, out);
}

template <auto member>
void session(const FieldContext& context, FieldValues& out) {
  if (context.process != nullptr && context.process->known) {
    out.number(std::int64_t{context.process->session.*member});
  }
}

template <std::uint32_t flag>
void exe_flag(const FieldContext& context, FieldValues& out) {
  if (context.process != nullptr && context.process->known) {
    out.boolean(has_flag(*context.process, flag));
  }
}

template <auto member>
void capability_set(const FieldContext& context, FieldValues& out) {
  if (context.process != nullptr && context.process->known) {
    capabilities(context.process->credentials.*member, context.arena, out);
  }
}

void user_number(std::uint32_t uid, FieldValues& out) {
  out.number(std::int64_t{static_cast<std::int32_t>(uid)});
}

void user_name(const FieldContext& context, std::uint32_t uid, FieldValues& out) {
  if (uid == 0xFFFFFFFF) return out.text("<NA>");
  const std::string_view name = context.state.user_name(uid, context.container);
  out.text(name.empty() ? std::string_view("<NA>") : name);
}

constexpr auto kProcessFields = std::to_array<FieldRow>({
    {"proc.pid", Argument::kNone, true, of_process<pid>},
    {"proc.exe", Argument::kNone, true, of_process<exe>},
    {"proc.name", Argument::kNone, true, of_process<comm>},
    {"proc.args", Argument::kNone, true, of_process<arguments>},
    {"proc.cmdline", Argument::kNone, true, of_process<whole_command>},
    {"proc.exeline", Argument::kNone, true, of_process<exe_line>},
    {"proc.exepath", Argument::kNone, true, of_process<exe_path>},
    {"proc.env", Argument::kKey, true, of_process<variables>},
    {"proc.cmdnargs", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.number(argument_count(process));
     }>},
    {"proc.cmdlenargs", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.number(argument_bytes(process));
     }>},
    {"proc.cwd", Argument::kNone, true,
     of_process<[](const Process& process, const Context& context, FieldValues& out) {
       // Falco ends it with a slash.
       if (process.cwd.empty()) return;
       if (process.cwd.ends_with('/')) return out.text(process.cwd);
       out.text(concatenate({process.cwd, "/"}, context.arena));
     }>},
    {"proc.tty", Argument::kNone, true, session<&vedette_session::tty>},
    {"proc.vpid", Argument::kNone, true, session<&vedette_session::vpid>},
    {"proc.sid", Argument::kNone, true, session<&vedette_session::vsid>},
    {"proc.vpgid", Argument::kNone, true, session<&vedette_session::vpgid>},
    {"proc.pgid", Argument::kNone, true, session<&vedette_session::pgid>},
    {"proc.is_sid_leader", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.boolean(process.session.vsid == process.session.vpid);
     }>},
    {"proc.is_vpgid_leader", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.boolean(process.session.vpgid == process.session.vpid);
     }>},
    {"proc.is_pgid_leader", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.boolean(process.session.pgid == process.pid);
     }>},
    {"proc.sname", Argument::kNone, true, of_leader<comm>},
    {"proc.sid.exe", Argument::kNone, true, of_leader<exe>},
    {"proc.sid.exepath", Argument::kNone, true, of_leader<exe_path>},
    {"proc.vpgid.name", Argument::kNone, true, of_group_leader<comm>},
    {"proc.vpgid.exe", Argument::kNone, true, of_group_leader<exe>},
    {"proc.vpgid.exepath", Argument::kNone, true, of_group_leader<exe_path>},
    {"proc.pgid.name", Argument::kNone, true, of_group_leader<comm>},
    {"proc.pgid.exe", Argument::kNone, true, of_group_leader<exe>},
    {"proc.pgid.exepath", Argument::kNone, true, of_group_leader<exe_path>},
    {"proc.pid.ts", Argument::kNone, true, of_process<started>},
    {"proc.duration", Argument::kNone, false, of_process<age>},
    {"proc.is_exe_writable", Argument::kNone, true, exe_flag<VEDETTE_FILE_WRITABLE>},
    {"proc.is_exe_upper_layer", Argument::kNone, true, exe_flag<VEDETTE_FILE_UPPER>},
    {"proc.is_exe_lower_layer", Argument::kNone, true, exe_flag<VEDETTE_FILE_LOWER>},
    {"proc.is_exe_from_memfd", Argument::kNone, true, exe_flag<VEDETTE_FILE_MEMFD>},
    {"proc.exe_ino", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.number(process.exe_file.inode);
     }>},
    {"proc.exe_ino.ctime", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.number(process.exe_file.changed);
     }>},
    {"proc.exe_ino.mtime", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.number(process.exe_file.modified);
     }>},
    {"proc.exe_ino.ctime_duration_proc_start", Argument::kNone, true, of_process<changed_before>},
    {"thread.cap_permitted", Argument::kNone, true,
     capability_set<&vedette_credentials::permitted>},
    {"thread.cap_effective", Argument::kNone, true,
     capability_set<&vedette_credentials::effective>},
    {"thread.cap_inheritable", Argument::kNone, true,
     capability_set<&vedette_credentials::inheritable>},
    {"thread.tid", Argument::kNone, false,
     [](const Context& context,
        FieldValues& out) { out.number(std::int64_t{context.record.header().tid}); }},
    {"thread.ismain", Argument::kNone, false,
     [](const Context& context,
        FieldValues&
            out) { out.boolean(context.record.header().tid == context.record.header().pid); }},
    {"thread.vtid", Argument::kNone, true, session<&vedette_session::vtid>},
    {"thread.vpid", Argument::kNone, true, session<&vedette_session::vpid>},
    {"user.uid", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       user_number(process.credentials.euid, out);
     }>},
    {"user.name", Argument::kNone, true,
     of_process<[](const Process& process, const Context& context, FieldValues& out) {
       user_name(context, process.credentials.euid, out);
     }>},
    {"user.loginuid", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       user_number(process.credentials.login_uid, out);
     }>},
    {"user.loginname", Argument::kNone, true,
     of_process<[](const Process& process, const Context& context, FieldValues& out) {
       user_name(context, process.credentials.login_uid, out);
     }>},
    {"group.gid", Argument::kNone, true,
     of_process<[](const Process& process, const Context&, FieldValues& out) {
       out.number(std::int64_t{process.credentials.egid});
     }>},
    {"group.name", Argument::kNone, true,
     of_process<[](const Process& process, const Context& context, FieldValues& out) {
       const std::string_view name =
           context.state.group_name(process.credentials.egid, context.container);
       out.text(name.empty() ? std::string_view("<NA>") : name);
     }>},
});

constexpr auto kAncestorFields = std::to_array<FieldRow>({
    {"proc.ppid", Argument::kNone, true, of_parent<pid>},
    {"proc.pname", Argument::kNone, true, of_parent<comm>},
    {"proc.pexe", Argument::kNone, true, of_parent<exe>},
    {"proc.pexepath", Argument::kNone, true, of_parent<exe_path>},
    {"proc.pcmdline", Argument::kNone, true, of_parent<whole_command>},
    {"proc.pexeline", Argument::kNone, true, of_parent<exe_line>},
    {"proc.penv", Argument::kKey, true, of_parent<variables>},
    {"proc.ppid.ts", Argument::kNone, true, of_parent<started>},
    {"proc.ppid.duration", Argument::kNone, false, of_parent<age>},
    {"proc.pvpid", Argument::kNone, true,
     of_parent<[](const Process& process, const Context&, FieldValues& out) {
       out.number(std::int64_t{process.session.vpid});
     }>},
    {"proc.loginshellid", Argument::kNone, true,
     [](const Context& context, FieldValues& out) {
       // The uppermost shell without a break above the process.
       std::int64_t found = -1;
       const Process* process = context.process;
       for (std::int32_t i = 0; i < kGenerationsMax && process != nullptr; ++i) {
         if (process->comm.ends_with("sh")) found = process->pid;
         process = context.state.parent_of(*process);
       }
       if (found >= 0) out.number(found);
     }},
    {"proc.apid", Argument::kIndex, true, of_ancestors<pid>},
    {"proc.aname", Argument::kIndex, true, of_ancestors<comm>},
    {"proc.aexe", Argument::kIndex, true, of_ancestors<exe>},
    {"proc.aexepath", Argument::kIndex, true, of_ancestors<exe_path>},
    {"proc.acmdline", Argument::kIndex, true, of_ancestors<whole_command>},
    {"proc.aargs", Argument::kIndex, true, of_ancestors<arguments>},
    {"proc.aenv", Argument::kKey, true, of_ancestors<variables>},
});

}  // namespace

std::span<const FieldRow> process_fields() { return kProcessFields; }
std::span<const FieldRow> ancestor_fields() { return kAncestorFields; }

}  // namespace vedette::formats::kernel
