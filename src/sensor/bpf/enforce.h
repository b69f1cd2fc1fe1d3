// SPDX-License-Identifier: Apache-2.0
#pragma once

// Programs of the kernel's security hooks, loaded only where denial is asked for. A hook is called
// with what the kernel itself resolved, before anything has happened; nothing that the process does
// with its memory meanwhile plays a part. What cannot be decided is denied.

#include "sensor/bpf/enforcement_layout.h"
#include "sensor/bpf/uring.h"

enum { DENIED = -1, OPENS_TO_EXECUTE = 0x20, DENIAL_REPEATS_NS = 100000000, CGROUPS_MAX = 65536 };
enum { CALL_OPEN = 2, CALL_CREAT = 85, CALL_MKNOD = 133, CALL_MKNODAT = 259, TEXTS_MAX = 4096 };

// One for all, at key 0. Filled before the programs are attached.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct vedette_enforcement);
} enforcement SEC(".maps");

#define ENFORCEMENT_TABLE(name_, type_, flags_, key_, max_) \
  struct {                                                  \
    __uint(type, type_);                                    \
    __uint(max_entries, max_);                              \
    __uint(map_flags, flags_);                              \
    __type(key, key_);                                      \
    __type(value, struct vedette_entries);                  \
  } name_ SEC(".maps")
ENFORCEMENT_TABLE(enforced_wholes, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, struct vedette_whole,
                  TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_starts, BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, struct vedette_start,
                  TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_ends, BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, struct vedette_end,
                  TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_exes, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, struct vedette_whole,
                  TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_names, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, struct vedette_name,
                  TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_parents, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, struct vedette_name,
                  TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_networks, BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC,
                  struct vedette_network, TEXTS_MAX);
ENFORCEMENT_TABLE(enforced_ports, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, __u32, TEXTS_MAX);
// Control groups of containers.
ENFORCEMENT_TABLE(enforced_cgroups, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, __u64, CGROUPS_MAX);

// How often files were opened while these programs run: whether the kernel asks them at all.
__u64 opens_asked SEC(".data.asked");

// A file that was not made. Where it turns out to exist, its opening is denied next, by the same
// call: one record is enough.
struct not_made {
  __u64 dentry;
  __u64 time;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, __u64);  // of the thread
  __type(value, struct not_made);
} files_not_made SEC(".maps");

static __always_inline struct vedette_enforcement* rules_in_force(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&enforcement, &zero);
}

// Functions that are verified on their own and that look up what they made there get the number of
// the memory: keys must be in what a map gave them.
static __always_inline struct scratch* scratch_at(__u32 index) {
  return bpf_map_lookup_elem(&scratches, &index);
}

// A task that is interrupted within a decision holds its memory, so that there are several for each
// CPU. Null when all are in use.
static __always_inline struct scratch* claim_decider(struct vedette_enforcement* rules,
                                                     __u32* number) {
  __u32 first = bpf_get_smp_processor_id();
  for (__u32 i = 0; i < 8; ++i) {
    if (!rules->deciders) return 0;
    __u32 index = rules->decider_at + (first * 4 + i) % rules->deciders;
    struct scratch* s = bpf_map_lookup_elem(&scratches, &index);
    if (s && __sync_val_compare_and_swap(&s->busy, 0, 1) == 0) {
      *number = index;
      return s;
    }
  }
  return 0;
}

static __always_inline __u64 of_name(void* table, struct task_struct* task, __u32 action,
                                     __u64 otherwise) {
  struct vedette_name name = {};
  bpf_probe_read_kernel_str(
      name.text, sizeof(name.text),
      (void*)task + __builtin_preserve_field_info(((struct task_struct*)0)->comm, 0));
  // What follows the end must be zeros.
  bool ended = false;
  for (int i = 0; i < VEDETTE_NAME_MAX + 1; ++i) {
    if (!name.text[i]) ended = true;
    if (ended) name.text[i] = 0;
  }
  struct vedette_entries* found = bpf_map_lookup_elem(table, &name);
  return found ? found->of[action] : otherwise;
}

// The entries that agree with who is asking.
static __always_inline __u64 of_process(struct vedette_enforcement* rules, struct task_struct* task,
                                        __u32 action) {
  __u64 entries = rules->all.of[action];
  if (!entries || (__u32)GET(task, tgid) == rules->own_pid) return 0;
  __u64 cgroup = cgroup_of(task);
  struct vedette_entries* container = bpf_map_lookup_elem(&enforced_cgroups, &cgroup);
  entries &= container ? container->of[action] : rules->host.of[action];
  if (!entries) return 0;
  struct task_struct* leader = GET(task, group_leader);
  entries &= of_name(&enforced_names, leader, action, rules->name.of[action]);
  struct task_struct* parent = GET(leader, real_parent);
  parent = GET(parent, group_leader);
  return entries & of_name(&enforced_parents, parent, action, rules->parent_name.of[action]);
}

// The path that put_path() left in scratch, as a key; false when it is longer.
static __always_inline bool whole_path(struct scratch* s, __u32 length) {
  __builtin_memset(s->staging, 0, sizeof(struct vedette_whole));
  if (length > VEDETTE_WHOLE_MAX) return false;
  bpf_probe_read_kernel(s->staging, length & VEDETTE_WHOLE_MAX,
                        s->path + ((PATH_ROOM - length) & (PATH_ROOM - 1)));
  return true;
}

static __always_inline __u64 of_start(struct vedette_enforcement* rules, struct scratch* s,
                                      __u32 length, __u32 action) {
  if (whole_path(s, length)) {
    struct vedette_entries* whole = bpf_map_lookup_elem(&enforced_wholes, s->staging);
    if (whole) return whole->of[action];
  }
  struct vedette_start* key = (struct vedette_start*)s->staging;
  __u32 some = length < VEDETTE_START_MAX ? length : VEDETTE_START_MAX;
  bpf_probe_read_kernel(key->text, some & 0xFF, s->path + ((PATH_ROOM - length) & (PATH_ROOM - 1)));
  key->bits = 8 * some;
  struct vedette_entries* start = bpf_map_lookup_elem(&enforced_starts, key);
  return start ? start->of[action] : rules->start.of[action];
}

static __always_inline __u64 of_end(struct vedette_enforcement* rules, struct scratch* s,
                                    __u32 length, __u32 action) {
  struct vedette_end* key = (struct vedette_end*)s->staging;
  __u32 some = length < VEDETTE_END_MAX ? length : VEDETTE_END_MAX;
  for (__u32 i = 0; i < VEDETTE_END_MAX; ++i) {
    key->text[i] = i < some ? s->path[(PATH_ROOM - 1 - i) & (PATH_ROOM - 1)] : 0;
  }
  key->bits = 8 * some;
  struct vedette_entries* end = bpf_map_lookup_elem(&enforced_ends, key);
  return end ? end->of[action] : rules->end.of[action];
}

// The entries that agree with a path just put; all where it could not be read whole.
__noinline __u64 of_path(__u32 number, __s32 length, __u32 action) {
  struct scratch* s = scratch_at(number);
  struct vedette_enforcement* rules = rules_in_force();
  if (!s || !rules || action >= VEDETTE_ACTIONS) return ~0ULL;
  if (length <= 0 || header_of(s)->flags & VEDETTE_FLAG_CUT || length > PATH_ROOM) return ~0ULL;
  if (length == 1) s->path[PATH_ROOM - 1] = '/';
  __u64 entries = of_start(rules, s, length, action);
  return rules->ends ? entries & of_end(rules, s, length, action) : entries;
}

__noinline __u64 of_exe(__u32 number, __u64 task_address, __u32 action) {
  struct scratch* s = scratch_at(number);
  struct vedette_enforcement* rules = rules_in_force();
  if (!s || !rules || action >= VEDETTE_ACTIONS) return ~0ULL;
  if (!rules->exes) return ~0ULL;
  struct task_struct* task = (struct task_struct*)task_address;
  struct file* exe = (struct file*)process_exe(task);
  if (!exe) return rules->exe.of[action];
  __s32 length = put_file_path(s, VEDETTE_FIELD_EXE_PATH, exe, task);
  if (length <= 0 || length > PATH_ROOM || header_of(s)->flags & VEDETTE_FLAG_CUT) return ~0ULL;
  struct vedette_entries* found = 0;
  if (whole_path(s, length)) found = bpf_map_lookup_elem(&enforced_exes, s->staging);
  return found ? found->of[action] : rules->exe.of[action];
}

// Begins a record that is kept only when the attempt is denied.
static __always_inline void begin_denial(struct scratch* s, struct task_struct* task,
                                         __u32 number) {
  begin(s, VEDETTE_KIND_BLOCKED, task);
  struct vedette_record* header = header_of(s);
  header->syscall = number;
  header->result = DENIED;
  header->flags |= VEDETTE_FLAG_URGENT;
}

// Ends a decision. Denied: the first of `entries` that asks for it is told.
__noinline int decide(struct scratch* s, __u64 entries, __u32 action, __u32 silent) {
  if (!s) return DENIED;
  if (!entries) {
    s->busy = 0;
    return 0;
  }
  __u32 entry = 0;
  for (__u32 i = 0; i < VEDETTE_ENTRIES; ++i) {
    if (entries >> i & 1) {
      entry = i;
      break;
    }
  }
  if (silent) {
    s->busy = 0;
    return DENIED;
  }
  put_u32(s, VEDETTE_FIELD_ID, action * VEDETTE_ENTRIES + entry);
  submit(s);
  return DENIED;
}

// Called once a program is chosen: for a script with its interpreter, which is what will run.
__noinline int asked_exec(__u64 file) {
  struct vedette_enforcement* rules = rules_in_force();
  struct task_struct* task = current_task();
  if (!rules) return DENIED;
  __u64 entries = of_process(rules, task, VEDETTE_EXEC);
  if (!entries) return 0;
  __u32 number = 0;
  struct scratch* s = claim_decider(rules, &number);
  if (!s) return DENIED;
  begin_denial(s, task, CALL_EXECVE);
  int length = put_file_path(s, VEDETTE_FIELD_PATH, (struct file*)file, task);
  entries &= of_path(number, length, VEDETTE_EXEC);
  return decide(s, entries, VEDETTE_EXEC, 0);
}

static __always_inline __u32 type_of_mode(__u32 mode) {
  switch (mode & MODE_TYPE) {
    case MODE_FILE:
    case MODE_CHARACTERS:
    case MODE_BLOCKS:
      return VEDETTE_TARGET_FILE;
    case MODE_FOLDER:
      return VEDETTE_TARGET_FOLDER;
    case MODE_FIFO:
      return VEDETTE_TARGET_PIPE;
    default:
      return VEDETTE_TARGET_OTHER;
  }
}

static __always_inline bool was_not_made(__u64 dentry) {
  __u64 thread = bpf_get_current_pid_tgid();
  struct not_made* made = bpf_map_lookup_elem(&files_not_made, &thread);
  if (!made || made->dentry != dentry) return false;
  bool same = bpf_ktime_get_boot_ns() - made->time < DENIAL_REPEATS_NS;
  bpf_map_delete_elem(&files_not_made, &thread);
  return same;
}

__noinline int asked_open(__u64 file_address) {
  struct file* file = (struct file*)file_address;
  struct vedette_enforcement* rules = rules_in_force();
  struct task_struct* task = current_task();
  if (!rules) return DENIED;
  __u32 flags = GET(file, f_flags);
  if (flags & OPENS_TO_EXECUTE) return 0;  // by the kernel, to run it
  __u64 entries = of_process(rules, task, VEDETTE_OPEN);
  entries &= rules->access[flags & 3].of[VEDETTE_OPEN];
  struct inode* inode = GET(file, f_inode);
  entries &= rules->type[type_of_mode(GET(inode, i_mode)) & 7].of[VEDETTE_OPEN];
  if (!entries) return 0;
  __u32 number = 0;
  struct scratch* s = claim_decider(rules, &number);
  if (!s) return DENIED;
  begin_denial(s, task, CALL_OPENAT);
  int length = put_file_path(s, VEDETTE_FIELD_PATH, file, task);
  entries &= of_path(number, length, VEDETTE_OPEN);
  if (entries) entries &= of_exe(number, address(task), VEDETTE_OPEN);
  bool silent = entries && was_not_made(address(GET(file, f_path.dentry)));
  return decide(s, entries, VEDETTE_OPEN, silent);
}

// The entries that agree with how the file, which does not exist yet, is to be opened: as the
// registers say, which the process cannot change; of calls that keep it in memory any of them.
static __always_inline __u64 of_access(struct vedette_enforcement* rules,
                                       struct task_struct* task) {
  struct pt_regs* registers = registers_of(bpf_get_current_task_btf());
  __u64 number = GET(registers, orig_ax);
  if (GET(task, thread_info.status) & THREAD_COMPAT) {
    number = settings.compat[number & (VEDETTE_CALLS - 1)];
    if (number == CALL_MKNOD || number == CALL_MKNODAT) return 0;
    return rules->created.of[VEDETTE_OPEN];
  }
  switch (number) {
    case CALL_MKNOD:
    case CALL_MKNODAT:
      return 0;  // is no opening
    case CALL_OPEN:
      return rules->access[GET(registers, si) & 3].of[VEDETTE_OPEN];
    case CALL_OPENAT:
      return rules->access[GET(registers, dx) & 3].of[VEDETTE_OPEN];
    case CALL_CREAT:
      return rules->access[1].of[VEDETTE_OPEN];
    default:
      return rules->created.of[VEDETTE_OPEN];
  }
}

__noinline int asked_create(__u64 folder, __u64 dentry) {
  struct vedette_enforcement* rules = rules_in_force();
  struct task_struct* task = current_task();
  if (!rules) return DENIED;
  __u64 entries = of_process(rules, task, VEDETTE_OPEN);
  if (!entries) return 0;
  entries &= of_access(rules, task);
  entries &= rules->type[VEDETTE_TARGET_FILE].of[VEDETTE_OPEN];
  if (!entries) return 0;
  __u32 number = 0;
  struct scratch* s = claim_decider(rules, &number);
  if (!s) return DENIED;
  begin_denial(s, task, CALL_OPENAT);
  int length = put_path(s, VEDETTE_FIELD_PATH, address(GET((struct path*)folder, mnt)), dentry,
                        address(task));
  entries &= of_path(number, length, VEDETTE_OPEN);
  if (entries) entries &= of_exe(number, address(task), VEDETTE_OPEN);
  if (entries) {
    struct not_made made = {.dentry = dentry, .time = bpf_ktime_get_boot_ns()};
    __u64 thread = bpf_get_current_pid_tgid();
    bpf_map_update_elem(&files_not_made, &thread, &made, BPF_ANY);
  }
  return decide(s, entries, VEDETTE_OPEN, 0);
}

struct destination {
  struct vedette_network network;
  __u32 port;
  __u32 type;
};

static __always_inline void read_destination(struct destination* to, __u64 from, __u32 size) {
  __u16 family = 0, port = 0;
  to->type = VEDETTE_TARGET_OTHER;
  to->network.bits = 128;
  bpf_probe_read_kernel(&family, sizeof(family), (const void*)from);
  if (family == FAMILY_UNIX) to->type = VEDETTE_TARGET_UNIX;
  if (family != FAMILY_IPV4 && family != FAMILY_IPV6) return;
  bpf_probe_read_kernel(&port, sizeof(port), (const void*)(from + 2));
  to->port = host_order(port);
  to->type = VEDETTE_TARGET_IPV4;
  if (family == FAMILY_IPV4) {
    to->network.address[10] = to->network.address[11] = 0xFF;
    bpf_probe_read_kernel(to->network.address + 12, 4, (const void*)(from + 4));
    return;
  }
  __u64 high = 0;
  __u32 middle = 0;
  bpf_probe_read_kernel(to->network.address, 16, (const void*)(from + 8));
  bpf_probe_read_kernel(&high, sizeof(high), (const void*)(from + 8));
  bpf_probe_read_kernel(&middle, sizeof(middle), (const void*)(from + 16));
  if (high || middle != 0xFFFF0000) to->type = VEDETTE_TARGET_IPV6;
}

static __always_inline void put_destination(struct scratch* s, __u64 from, __u32 size) {
  if (size > ADDRESS_MAX) size = ADDRESS_MAX;
  void* room = field_room(s, PUT_MAX);
  if (!room) return;
  asm volatile("" : "+r"(size));
  if (size > ADDRESS_MAX) return;
  if (bpf_probe_read_kernel(room + sizeof(struct vedette_field), size, (const void*)from)) return;
  end_text(s, room, VEDETTE_FIELD_ADDRESS, size);
}

__noinline int asked_connect(__u64 from, __u32 size) {
  struct vedette_enforcement* rules = rules_in_force();
  struct task_struct* task = current_task();
  if (!rules) return DENIED;
  __u64 entries = of_process(rules, task, VEDETTE_CONNECT);
  if (!entries) return 0;
  struct destination to = {};
  read_destination(&to, from, size);
  entries &= rules->type[to.type & 7].of[VEDETTE_CONNECT];
  if (to.port) {
    struct vedette_entries* port = bpf_map_lookup_elem(&enforced_ports, &to.port);
    entries &= port ? port->of[VEDETTE_CONNECT] : rules->port.of[VEDETTE_CONNECT];
    struct vedette_entries* network = bpf_map_lookup_elem(&enforced_networks, &to.network);
    entries &= network ? network->of[VEDETTE_CONNECT] : rules->network.of[VEDETTE_CONNECT];
  } else {
    entries &= rules->no_port.of[VEDETTE_CONNECT] & rules->no_network.of[VEDETTE_CONNECT];
  }
  if (!entries) return 0;
  __u32 number = 0;
  struct scratch* s = claim_decider(rules, &number);
  if (!s) return DENIED;
  begin_denial(s, task, CALL_CONNECT);
  entries &= of_exe(number, address(task), VEDETTE_CONNECT);
  put_destination(s, from, size);
  return decide(s, entries, VEDETTE_CONNECT, 0);
}

// The last argument of each is what programs before decided.
SEC("lsm/bprm_creds_from_file")
int enforce_exec(__u64* context) {
  if ((int)context[2]) return DENIED;
  struct linux_binprm* program = (struct linux_binprm*)context[0];
  return asked_exec(address(GET(program, file))) ? DENIED : 0;
}

SEC("lsm/file_open")
int enforce_open(__u64* context) {
  if ((int)context[1]) return DENIED;
  __sync_fetch_and_add(&opens_asked, 1);
  return asked_open(address((void*)context[0])) ? DENIED : 0;
}

SEC("lsm/path_mknod")
int enforce_create(__u64* context) {
  if ((int)context[4]) return DENIED;
  return asked_create(address((void*)context[0]), address((void*)context[1])) ? DENIED : 0;
}

SEC("lsm/socket_connect")
int enforce_connect(__u64* context) {
  if ((int)context[3]) return DENIED;
  return asked_connect(address((void*)context[1]), (__u32)context[2]) ? DENIED : 0;
}
