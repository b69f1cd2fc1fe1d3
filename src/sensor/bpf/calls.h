// SPDX-License-Identifier: Apache-2.0
#pragma once

// System calls, seen when they are done. How each is read stands in settings.calls.

#include "sensor/bpf/messages.h"
#include "sensor/bpf/processes.h"
#include "sensor/bpf/seen_calls.h"

enum { THREAD_COMPAT = 2, COMPAT_NONE = 0xFFFF, COMPAT_SOCKETCALL = 0xFFFE, ERRNO_MAX = 4095 };
enum { FCNTL_DUP = 0, FCNTL_DUP_CLOEXEC = 1030, SOCKETCALLS = 32 };
enum { NOT_RELATIVE = 9, FAILED_ARGUMENTS_MAX = 64 };

// Reads opened below these (and all that is not a mere read) are told; the value says nothing.
struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 4096);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct vedette_prefix);
  __type(value, __u8);
} prefixes SEC(".maps");

static __always_inline __u64 argument(struct scratch* s, __u32 position) {
  return s->arguments[(position - 1) & 7];
}

static __always_inline void read_native(struct scratch* s, struct pt_regs* registers) {
  s->arguments[0] = GET(registers, di);
  s->arguments[1] = GET(registers, si);
  s->arguments[2] = GET(registers, dx);
  s->arguments[3] = GET(registers, r10);
  s->arguments[4] = GET(registers, r8);
  s->arguments[5] = GET(registers, r9);
}

static __always_inline void read_compat(struct scratch* s, struct pt_regs* registers) {
  s->arguments[0] = (__u32)GET(registers, bx);
  s->arguments[1] = (__u32)GET(registers, cx);
  s->arguments[2] = (__u32)GET(registers, dx);
  s->arguments[3] = (__u32)GET(registers, si);
  s->arguments[4] = (__u32)GET(registers, di);
  s->arguments[5] = (__u32)GET(registers, bp);
}

// socketcall(2): the arguments stand in user memory.
static __always_inline void read_socketcall(struct scratch* s, struct pt_regs* registers) {
  __u32 words[6] = {};
  bpf_probe_read_user(words, sizeof(words), (const void*)(__u64)(__u32)GET(registers, cx));
  for (int i = 0; i < 6; ++i) s->arguments[i] = words[i];
}

static __always_inline void put_arguments(struct scratch* s, __u32 count) {
  __u32* to = field_room(s, 6 * 12);
  if (!to) return;
  for (int i = 0; i < 6; ++i) {
    to[3 * i] = (VEDETTE_FIELD_ARG0 + i) | 8 << 16;
    to[3 * i + 1] = s->arguments[i];
    to[3 * i + 2] = s->arguments[i] >> 32;
  }
  s->used += 12 * (count > 6 ? 6 : count);
}

// What a relative path starts at.
static __always_inline void put_folder(struct scratch* s, __u32 id, __u32 position, __u64 path,
                                       struct task_struct* task) {
  char first = '/';
  if (position == NOT_RELATIVE) return;
  bpf_probe_read_user(&first, 1, (const void*)path);
  if (first == '/') return;
  __s32 folder = position ? (__s32)argument(s, position) : AT_FDCWD;
  if (folder == AT_FDCWD) {
    put_cwd(s, id, task);
    return;
  }
  struct file* file = file_of(task, folder);
  if (file) put_file_path(s, id, file, task);
}

__noinline int put_paths(struct scratch* s, __u32 number, __u32 resolved) {
  if (!s) return 0;
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  struct task_struct* task = current_task();
  if (call->path) {
    __u64 path = argument(s, call->path);
    put_user_string(s, VEDETTE_FIELD_PATH_GIVEN, path);
    if (!resolved) put_folder(s, VEDETTE_FIELD_FOLDER, call->folder, path, task);
  }
  if (call->path2) {
    __u64 path = argument(s, call->path2);
    put_user_string(s, VEDETTE_FIELD_PATH2_GIVEN, path);
    put_folder(s, VEDETTE_FIELD_FOLDER2, call->folder2, path, task);
  }
  if (call->text) put_user_string(s, VEDETTE_FIELD_DATA, argument(s, call->text));
  if (call->shape == VEDETTE_SHAPE_OPEN_HOW) {
    put_user_bytes(s, VEDETTE_FIELD_DATA, argument(s, 3), sizeof(struct open_how));
  }
  return 0;
}

__noinline int put_socket_arguments(struct scratch* s, __u32 number, __u32 compat) {
  if (!s) return 0;
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  if (call->descriptor) {
    struct task_struct* task = current_task();
    __s32 descriptor = argument(s, call->descriptor);
    struct file* file = file_of(task, descriptor);
    put_descriptor(s, descriptor, VEDETTE_FIELD_FD_PATH, address(file), address(task));
  }
  if (call->address) {
    put_address(s, argument(s, call->address), argument(s, call->address + 1));
  } else if (call->shape == VEDETTE_SHAPE_MESSAGE && !compat) {
    struct user_message user = {};
    bpf_probe_read_user(&user, sizeof(user), (const void*)argument(s, 2));
    put_address(s, user.name, user.name_length);
  }
  return 0;
}

__noinline int put_consequences(struct scratch* s, __u32 number) {
  if (!s) return 0;
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  struct task_struct* task = current_task();
  if (call->also & VEDETTE_ALSO_CREDENTIALS) put_credentials(s, address(task));
  if (call->also & VEDETTE_ALSO_SESSION) put_session(s, address(task));
  if (call->also & VEDETTE_ALSO_NAME) put_comm(s, task);
  if (call->also & VEDETTE_ALSO_FOLDERS) {
    put_cwd(s, VEDETTE_FIELD_CWD, task);
    put_root(s, task);
  }
  return 0;
}

// FD and what it refers to, of a call whose result is a descriptor. Returns the path's length.
__noinline int put_result(struct scratch* s, __u32 descriptor, __u32 path_id) {
  if (!s) return 0;
  struct task_struct* task = current_task();
  struct file* file = file_of(task, descriptor);
  put_descriptor(s, descriptor, path_id, address(file), address(task));
  if (file) {
    struct sock* sk = sock_of(file);
    if (sk) own_flow(sk, task);
  }
  return 0;
}

enum { OPEN_ACCESS = 3, OPEN_CREATE = 0100, OPEN_TEMPORARY = 020000000 };
enum { GIVEN_WORDS_MAX = 36, GIVEN_STEP = 7, GIVEN_MAX = GIVEN_WORDS_MAX * GIVEN_STEP };

static __always_inline bool has_name(const volatile struct vedette_opens* opens,
                                     struct task_struct* task) {
  __u64 name[2] = {};
  bpf_probe_read_kernel_str(
      name, sizeof(name),
      (void*)task + __builtin_preserve_field_info(((struct task_struct*)0)->comm, 0));
  for (__u32 i = 0; i < VEDETTE_PROGRAMS_MAX; ++i) {
    if (i >= opens->program_count) break;
    if (opens->programs[i].words[0] == name[0] && opens->programs[i].words[1] == name[1]) {
      return true;
    }
  }
  return false;
}

// Whether the path that was given holds "..", or may do so. Eight bytes at a time, of which the
// last is looked at twice: a byte of `points` is zero where the text has a point, and of `zeros`
// has its highest bit set there (and rarely above it, which costs a record more).
__noinline int may_hold_parents(struct scratch* s, __u32 position) {
  if (!s) return 1;
  __u32 start = sizeof(struct vedette_record);
  s->used = start;  // nothing has begun yet
  put_user_string(s, VEDETTE_FIELD_PATH_GIVEN, argument(s, position));
  if (s->used <= start) return 1;
  struct vedette_field* field = (struct vedette_field*)(s->record + start);
  __u32 length = field->size;
  if (length >= GIVEN_MAX) return 1;
  const __u8* text = s->record + start + sizeof(struct vedette_field);
  for (__u32 i = 0; i < GIVEN_WORDS_MAX; ++i) {
    __u32 at = i * GIVEN_STEP;
    if (at + 1 >= length) break;
    __u64 word = *(__u64*)(text + at);
    __u32 rest = length - at;
    if (rest < 8) word <<= 8 * (8 - rest);
    __u64 points = word ^ 0x2e2e2e2e2e2e2e2eULL;
    __u64 zeros = (points - 0x0101010101010101ULL) & ~points & 0x8080808080808080ULL;
    if (zeros & zeros >> 8) return 1;
  }
  return 0;
}

// Whether a record of the file just opened would have its path: what has none is told.
static __always_inline bool has_path(struct file* file) {
  struct inode* inode = GET(file, f_inode);
  __u32 type = GET(inode, i_mode) & MODE_TYPE;
  return type == MODE_FILE || type == MODE_FOLDER || type == MODE_CHARACTERS || type == MODE_BLOCKS;
}

static __always_inline bool has_prefix(struct scratch* s, struct file* file,
                                       struct task_struct* task) {
  struct vedette_prefix prefix = {.bits = 8 * VEDETTE_PREFIX_MAX};
  __u32 length = walk_path(s, address(GET(file, f_path.mnt)), address(GET(file, f_path.dentry)),
                           address(task));
  if (length <= 1 || length > PUT_MAX) return true;
  bpf_probe_read_kernel(prefix.text, sizeof(prefix.text),
                        s->path + ((PATH_ROOM - length) & (PATH_ROOM - 1)));
  return bpf_map_lookup_elem(&prefixes, &prefix);
}

// Whether what an open did is asked for by a rule.
__noinline int is_wanted_open(struct scratch* s, __u32 number, __s64 result) {
  if (!s) return 1;
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  const volatile struct vedette_opens* opens = result < 0 ? &filter.failed_opens : &filter.reads;
  if (!opens->gated || !call->path || call->shape == VEDETTE_SHAPE_OPEN_HOW) return 1;
  if (call->arguments < 3) return 1;  // creat
  struct task_struct* task = current_task();
  struct file* file = 0;
  if (result >= 0) {
    if (argument(s, call->path + 1) & (OPEN_ACCESS | OPEN_CREATE | OPEN_TEMPORARY)) return 1;
    file = file_of(task, result);
    if (!file || GET(file, f_mode) & FMODE_CREATED || !has_path(file)) return 1;
  }
  if (opens->program_count && (has_name(opens, task) || has_name(opens, GET(task, group_leader)))) {
    return 1;
  }
  if (opens->with_parents && may_hold_parents(s, call->path)) return 1;
  return file && opens->by_prefix && has_prefix(s, file, task);
}

struct pointers {
  struct scratch* scratch;
  __u64 at;
  __u32 width;
  __u32 done;
};

static long put_argument_text(__u32 index, struct pointers* pointers) {
  struct scratch* s = pointers->scratch;
  __u64 text = 0;
  bpf_probe_read_user(&text, pointers->width == 4 ? 4 : 8, (const void*)pointers->at);
  if (!text) return 1;
  pointers->at += pointers->width;
  __u32 to = s->used + sizeof(struct vedette_field) + pointers->done;
  if (to + PUT_MAX + 16 > VEDETTE_RECORD_SIZE_MAX || pointers->done > settings.arguments_max) {
    cut(s);
    return 1;
  }
  long read = bpf_probe_read_user_str(s->record + (to & RECORD_MASK), PUT_MAX, (const void*)text);
  if (read <= 0) {
    cut(s);
    return 1;
  }
  if (read == PUT_MAX || index == FAILED_ARGUMENTS_MAX - 1) cut(s);
  pointers->done += read;
  return 0;
}

// An execve that failed: what it was asked to do.
__noinline int record_failed_exec(struct scratch* s, __u32 number, __s64 result, __u32 compat) {
  if (!s) return 0;
  struct task_struct* task = current_task();
  begin(s, VEDETTE_KIND_EXEC, task);
  struct vedette_record* header = header_of(s);
  header->syscall = number;
  header->result = result;
  header->flags |= VEDETTE_FLAG_FAILED | (compat ? VEDETTE_FLAG_COMPAT : 0);
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  __u64 path = argument(s, call->path);
  put_user_string(s, VEDETTE_FIELD_EXE_NAME, path);
  put_folder(s, VEDETTE_FIELD_FOLDER, call->folder, path, task);
  struct pointers pointers = {
      .scratch = s, .at = argument(s, call->path + 1), .width = compat ? 4 : 8};
  bpf_loop(FAILED_ARGUMENTS_MAX, put_argument_text, &pointers, 0);
  if (pointers.done) {
    __u32 end = s->used + sizeof(struct vedette_field) + pointers.done;
    *(__u32*)(s->record + (end & RECORD_MASK)) = 0;
    end_field(s, s->record + (s->used & RECORD_MASK), VEDETTE_FIELD_ARGUMENTS, pointers.done);
  }
  put_comm(s, task);
  put_parent(s, address(task));
  submit(s);
  return 0;
}

// The record of a call whose arguments are in scratch.
__noinline int record_call(struct scratch* s, __u32 number, __s64 result, __u32 flags) {
  if (!s) return 0;
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  struct task_struct* task = current_task();
  bool success = result >= 0;
  bool opened = success && call->also & VEDETTE_ALSO_RESULT_PATH;
  if (call->also & VEDETTE_ALSO_RESULT_PATH && !is_wanted_open(s, number, result)) {
    struct vedette_counters* count = own_counters();
    if (count) count->filtered++;
    s->busy = 0;
    return 0;
  }
  begin(s, VEDETTE_KIND_SYSCALL, task);
  struct vedette_record* header = header_of(s);
  header->syscall = number;
  header->result = result;
  header->flags |= flags;
  put_arguments(s, call->arguments);
  put_paths(s, number, opened);
  if (opened) {
    put_result(s, result, VEDETTE_FIELD_PATH);
  } else if (success && call->also & VEDETTE_ALSO_RESULT) {
    put_result(s, result, VEDETTE_FIELD_FD_PATH);
  } else {
    put_socket_arguments(s, number, flags & VEDETTE_FLAG_COMPAT);
  }
  if (success) put_consequences(s, number);
  submit(s);
  return 0;
}

static __always_inline bool duplicates(struct scratch* s) {
  return s->arguments[1] == FCNTL_DUP || s->arguments[1] == FCNTL_DUP_CLOEXEC;
}

__noinline int call_ended(__u64 registers_address, __s64 result, __u32 number) {
  struct pt_regs* registers = (struct pt_regs*)registers_address;
  struct task_struct* task = current_task();
  if ((__u32)GET(task, tgid) == filter.own_pid) return 0;
  bool compat = GET(task, thread_info.status) & THREAD_COMPAT;
  bool socketcall = false;
  if (compat) {
    number = settings.compat[number & (VEDETTE_CALLS - 1)];
    result = (__s32)result;
    if (number == COMPAT_SOCKETCALL) {
      socketcall = true;
      number = settings.socketcalls[GET(registers, bx) & (SOCKETCALLS - 1)];
    }
    if (number >= VEDETTE_CALLS) return 0;
  }
  __u8 wanted = filter.calls[number & (VEDETTE_CALLS - 1)];
  bool success = result >= 0 || result < -ERRNO_MAX;
  if (wanted & VEDETTE_WANT_MESSAGES && success && !compat) {
    look_at_call(number, result, GET(registers, di), GET(registers, si), GET(registers, r8));
  }
  if (!(wanted & (success ? VEDETTE_WANT_SUCCESS : VEDETTE_WANT_FAILURE))) return 0;
  __u8 shape = settings.calls[number & (VEDETTE_CALLS - 1)].shape;
  if (shape == VEDETTE_SHAPE_EXEC && success) return 0;  // sched_process_exec told
  struct scratch* s = claim_scratch(VEDETTE_KIND_SYSCALL);
  if (!s) return 0;
  if (socketcall) {
    read_socketcall(s, registers);
  } else if (compat) {
    read_compat(s, registers);
  } else {
    read_native(s, registers);
  }
  __u32 flags =
      (compat ? VEDETTE_FLAG_COMPAT : 0) | (wanted & VEDETTE_WANT_URGENT ? VEDETTE_FLAG_URGENT : 0);
  if (shape == VEDETTE_SHAPE_FCNTL && !duplicates(s)) {
    s->busy = 0;
  } else if (shape == VEDETTE_SHAPE_EXEC) {
    record_failed_exec(s, number, result, compat);
  } else {
    record_call(s, number, result, flags);
  }
  return 0;
}

SEC("tp_btf/sys_exit")
int call_exit(__u64* context) {
  struct pt_regs* registers = (struct pt_regs*)context[0];
  note_call(registers);
  __u64 number = registers->orig_ax;
  if (number >= VEDETTE_CALLS || !filter.calls[number]) return 0;
  call_ended(address(registers), context[1], number);
  return 0;
}
