// SPDX-License-Identifier: Apache-2.0
#pragma once

// Processes: begun, replaced, ended, and those that exist.

#include "sensor/bpf/sockets.h"

enum {
  SIGNAL_GROUP_EXIT = 4,
  CALL_CLONE = 56,
  CALL_EXECVE = 59,
  CALL_EXECVEAT = 322,
  SIGNAL_MASK = 0x7F
};

static __always_inline __u64 process_exe(struct task_struct* task) {
  struct mm_struct* memory = GET(task, mm);
  return memory ? address(GET(memory, exe_file)) : 0;
}

// All that is known of a process but its arguments and environment.
static __always_inline void put_process(struct scratch* s, struct task_struct* task) {
  __u64 number = address(task);
  put_parent(s, number);
  put_comm(s, task);
  put_credentials(s, number);
  put_session(s, number);
  __u64 exe = process_exe(task);
  if (exe) {
    put_file(s, VEDETTE_FIELD_EXE_FILE, exe, number);
    put_file_path(s, VEDETTE_FIELD_EXE_PATH, (struct file*)exe, task);
  }
  put_cwd(s, VEDETTE_FIELD_CWD, task);
  put_root(s, task);
}

static __always_inline struct pt_regs* registers_of(struct task_struct* task) {
  return (struct pt_regs*)bpf_task_pt_regs(task);
}

SEC("tp_btf/sched_process_exec")
int process_exec(__u64* context) {
  if (!wanted_kind(VEDETTE_KIND_EXEC)) return 0;
  struct scratch* s = claim_scratch(VEDETTE_KIND_EXEC);
  if (!s) return 0;
  struct task_struct* task = (struct task_struct*)context[0];
  struct linux_binprm* program = (struct linux_binprm*)context[2];
  begin(s, VEDETTE_KIND_EXEC, task);
  // The number in the registers is execve's already, whichever it was.
  header_of(s)->syscall = GET(program, fdpath) ? CALL_EXECVEAT : CALL_EXECVE;
  put_kernel_string(s, VEDETTE_FIELD_EXE_NAME, address(GET(program, filename)));
  put_process(s, task);
  struct mm_struct* memory = GET(task, mm);
  __u64 from = GET(memory, arg_start);
  put_user_range(s, VEDETTE_FIELD_ARGUMENTS, from, GET(memory, arg_end) - from,
                 settings.arguments_max);
  from = GET(memory, env_start);
  put_user_range(s, VEDETTE_FIELD_ENVIRONMENT, from, GET(memory, env_end) - from,
                 settings.environment_max);
  submit(s);
  return 0;
}

SEC("tp_btf/sched_process_fork")
int process_fork(__u64* context) {
  if (!wanted_kind(VEDETTE_KIND_FORK)) return 0;
  struct task_struct* child = (struct task_struct*)context[1];
  if (GET(child, pid) != GET(child, tgid)) return 0;  // a thread
  struct scratch* s = claim_scratch(VEDETTE_KIND_FORK);
  if (!s) return 0;
  begin(s, VEDETTE_KIND_FORK, child);
  struct pt_regs* registers = registers_of(bpf_get_current_task_btf());
  struct vedette_record* header = header_of(s);
  __u64 number = GET(registers, orig_ax);
  header->syscall = number;
  header->result = header->pid;
  if (number == CALL_CLONE) put_u64(s, VEDETTE_FIELD_ARG0, GET(registers, di));
  put_parent(s, address(child));
  put_session(s, address(child));
  submit(s);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int process_exit(__u64* context) {
  if (!wanted_kind(VEDETTE_KIND_EXIT)) return 0;
  struct task_struct* task = (struct task_struct*)context[0];
  struct signal_struct* signal = GET(task, signal);
  if (GET(signal, live.counter) != 0) return 0;  // other threads go on
  struct scratch* s = claim_scratch(VEDETTE_KIND_EXIT);
  if (!s) return 0;
  begin(s, VEDETTE_KIND_EXIT, task);
  __u32 status = GET(signal, group_exit_code);
  if (!(GET(signal, flags) & SIGNAL_GROUP_EXIT)) {
    struct task_struct* leader = GET(task, group_leader);
    status = GET(leader, exit_code);
  }
  header_of(s)->result = status;
  if (status & SIGNAL_MASK) put_u32(s, VEDETTE_FIELD_SIGNAL, status & SIGNAL_MASK);
  submit(s);
  return 0;
}

// Reading the file of an iterator runs the program over all there is, in the reader's context.
static __always_inline struct scratch* iterator_scratch(void) {
  __u32 last = settings.cpus;
  return bpf_map_lookup_elem(&scratches, &last);
}

static __always_inline void write_to(struct seq_file* file, struct scratch* s) {
  __u32 size = s->used;
  *(__u32*)(s->record + (size & RECORD_MASK)) = 0;
  size = (size + 7) & (RECORD_MASK & ~7U);
  header_of(s)->size = size;
  bpf_seq_write(file, s->record, size);
}

SEC("iter/task")
int existing_task(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;
  if (!task || GET(task, pid) != GET(task, tgid)) return 0;
  struct scratch* s = iterator_scratch();
  if (!s) return 0;
  begin(s, VEDETTE_KIND_TASK, (struct task_struct*)address(task));
  put_process(s, (struct task_struct*)address(task));
  write_to(context->meta->seq, s);
  return 0;
}

SEC("iter/task_file")
int existing_file(struct bpf_iter__task_file* context) {
  struct task_struct* task = context->task;
  struct file* file = context->file;
  if (!task || !file) return 0;
  struct scratch* s = iterator_scratch();
  if (!s) return 0;
  begin(s, VEDETTE_KIND_DESCRIPTOR, (struct task_struct*)address(task));
  put_descriptor(s, context->fd, VEDETTE_FIELD_FD_PATH, address(file), address(task));
  write_to(context->meta->seq, s);
  return 0;
}

static __always_inline void cgroup_changed(struct cgroup* cgroup, __u64 path, __u32 flags) {
  struct cgroup_root* root = GET(cgroup, root);
  if (GET(root, hierarchy_id) != 0) return;  // not the unified one
  if (!wanted_kind(VEDETTE_KIND_CGROUP)) return;
  struct scratch* s = claim_scratch(VEDETTE_KIND_CGROUP);
  if (!s) return;
  begin(s, VEDETTE_KIND_CGROUP, current_task());
  struct vedette_record* header = header_of(s);
  struct kernfs_node* node = GET(cgroup, kn);
  header->cgroup = GET(node, id);
  header->flags |= flags;
  put_kernel_string(s, VEDETTE_FIELD_CGROUP_PATH, path);
  submit(s);
}

SEC("tp_btf/cgroup_mkdir")
int cgroup_made(__u64* context) {
  cgroup_changed((struct cgroup*)context[0], address((void*)context[1]), 0);
  return 0;
}

SEC("tp_btf/cgroup_rmdir")
int cgroup_removed(__u64* context) {
  cgroup_changed((struct cgroup*)context[0], address((void*)context[1]), VEDETTE_FLAG_GONE);
  return 0;
}
