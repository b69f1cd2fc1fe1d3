// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reading kernel memory, and what is known of the task that does something.

#include "sensor/bpf/record.h"

extern void* bpf_rdonly_cast(const void* object, __u32 type) __ksym __weak;

// A member through a pointer of any origin; 0 where it cannot be read. Since 6.2 a plain load whose
// faults the kernel catches, before that the call of a helper.
#define GET(pointer, member)                                                                   \
  ({                                                                                           \
    typeof((pointer)->member) value_;                                                          \
    if (settings.can_cast) {                                                                   \
      value_ = ((typeof(pointer))bpf_rdonly_cast((const void*)(pointer),                       \
                                                 bpf_core_type_id_kernel(typeof(*(pointer))))) \
                   ->member;                                                                   \
    } else {                                                                                   \
      bpf_core_read(&value_, sizeof(value_), &(pointer)->member);                              \
    }                                                                                          \
    value_;                                                                                    \
  })

// A pointer as a number, which is what functions that are verified on their own take. Negated
// twice: the verifier forgets that it was a pointer.
static __always_inline __u64 address(const void* pointer) {
  __u64 value = (__u64)pointer;
  asm volatile("%0 = -%0\n\t%0 = -%0" : "+r"(value));
  return value;
}

enum { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID };

static __always_inline struct task_struct* current_task(void) {
  return (struct task_struct*)bpf_get_current_task();
}

static __always_inline __u64 cgroup_of(struct task_struct* task) {
  struct css_set* set = GET(task, cgroups);
  struct cgroup* cgroup = GET(set, dfl_cgrp);
  struct kernfs_node* node = GET(cgroup, kn);
  return GET(node, id);
}

static __always_inline __u64 started(struct task_struct* task) {
  struct task_struct* leader = GET(task, group_leader);
  return GET(leader, start_boottime);
}

// An empty record about `task`.
static __always_inline void begin(struct scratch* s, __u16 kind, struct task_struct* task) {
  struct vedette_record* header = header_of(s);
  header->kind = kind;
  header->flags = filter.urgent_kinds >> kind & 1 ? VEDETTE_FLAG_URGENT : 0;
  header->time = bpf_ktime_get_boot_ns();
  header->pid = GET(task, tgid);
  header->tid = GET(task, pid);
  header->started = started(task);
  header->cgroup = cgroup_of(task);
  header->result = 0;
  header->syscall = VEDETTE_NO_SYSCALL;
  header->cpu = bpf_get_smp_processor_id();
  s->used = sizeof(struct vedette_record);
}

__noinline int put_parent(struct scratch* s, __u64 task_address) {
  if (!s) return 0;
  struct task_struct* task = (struct task_struct*)task_address;
  struct task_struct* parent = GET(task, real_parent);
  __u32* to = put_struct(s, VEDETTE_FIELD_PARENT, 16);
  if (!to) return 0;
  __u64 since = started(parent);
  to[0] = GET(parent, tgid);
  to[1] = 0;
  to[2] = since;
  to[3] = since >> 32;
  return 0;
}

static __always_inline void put_comm(struct scratch* s, struct task_struct* task) {
  put_kernel_string(
      s, VEDETTE_FIELD_COMM,
      address(task) + __builtin_preserve_field_info(((struct task_struct*)0)->comm, 0));
}

__noinline int put_credentials(struct scratch* s, __u64 task_address) {
  if (!s) return 0;
  struct task_struct* task = (struct task_struct*)task_address;
  struct cred* cred = GET(task, cred);
  struct vedette_credentials* to =
      put_struct(s, VEDETTE_FIELD_CREDENTIALS, sizeof(struct vedette_credentials));
  if (!to) return 0;
  to->uid = GET(cred, uid.val);
  to->euid = GET(cred, euid.val);
  to->suid = GET(cred, suid.val);
  to->fsuid = GET(cred, fsuid.val);
  to->gid = GET(cred, gid.val);
  to->egid = GET(cred, egid.val);
  to->sgid = GET(cred, sgid.val);
  to->fsgid = GET(cred, fsgid.val);
  to->login_uid = bpf_core_field_exists(task->loginuid) ? GET(task, loginuid.val) : 0xFFFFFFFF;
  to->zero = 0;
  // Two words or one, by version: 8 bytes either way.
  __u64 set = 0;
  bpf_core_read(&set, sizeof(set), &cred->cap_permitted);
  to->permitted = set;
  bpf_core_read(&set, sizeof(set), &cred->cap_effective);
  to->effective = set;
  bpf_core_read(&set, sizeof(set), &cred->cap_inheritable);
  to->inheritable = set;
  return 0;
}

// The number of `pid` in the pid namespace of depth `level`; 0: it has none there.
static __always_inline __u32 number_at(struct pid* pid, __u32 level) {
  if (!pid || GET(pid, level) < level) return 0;
  int number = 0;
  bpf_probe_read_kernel(&number, sizeof(number),
                        (void*)pid + __builtin_preserve_field_info(((struct pid*)0)->numbers, 0) +
                            level * sizeof(struct upid));
  return number;
}

static __always_inline struct pid* pid_of(struct signal_struct* signal, __u32 type) {
  struct pid* pid = 0;
  bpf_probe_read_kernel(&pid, sizeof(pid),
                        (void*)signal +
                            __builtin_preserve_field_info(((struct signal_struct*)0)->pids, 0) +
                            type * sizeof(void*));
  return pid;
}

// As /proc/PID/stat has it.
static __always_inline __u32 tty_of(struct signal_struct* signal) {
  struct tty_struct* tty = GET(signal, tty);
  if (!tty) return 0;
  struct tty_driver* driver = GET(tty, driver);
  __u32 minor = GET(driver, minor_start) + GET(tty, index);
  return (minor & 0xFF) | GET(driver, major) << 8 | (minor & ~0xFFU) << 12;
}

__noinline int put_session(struct scratch* s, __u64 task_address) {
  if (!s) return 0;
  struct task_struct* task = (struct task_struct*)task_address;
  struct signal_struct* signal = GET(task, signal);
  struct pid* own = GET(task, thread_pid);
  if (!own) return 0;
  struct vedette_session* to = put_struct(s, VEDETTE_FIELD_SESSION, sizeof(struct vedette_session));
  if (!to) return 0;
  struct pid* session = pid_of(signal, PIDTYPE_SID);
  struct pid* group = pid_of(signal, PIDTYPE_PGID);
  __u32 level = GET(own, level);
  to->sid = number_at(session, 0);
  to->pgid = number_at(group, 0);
  to->vpid = number_at(pid_of(signal, PIDTYPE_TGID), level);
  to->vtid = number_at(own, level);
  to->vsid = number_at(session, level);
  to->vpgid = number_at(group, level);
  to->tty = tty_of(signal);
  struct pid_namespace* pids = 0;
  bpf_probe_read_kernel(&pids, sizeof(pids),
                        (void*)own + __builtin_preserve_field_info(((struct pid*)0)->numbers, 0) +
                            level * sizeof(struct upid) + 8);
  to->pid_namespace = GET(pids, ns.inum);
  struct nsproxy* proxy = GET(task, nsproxy);
  struct mnt_namespace* mounts = GET(proxy, mnt_ns);
  to->mount_namespace = GET(mounts, ns.inum);
  to->zero = 0;
  return 0;
}
