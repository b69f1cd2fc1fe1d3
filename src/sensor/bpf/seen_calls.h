// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which system calls each control group does at all, as bits: what a list of allowed calls is made
// from. Left out by the verifier unless it was asked for at load.

#include "sensor/bpf/files.h"

enum { SEEN_COMPAT = 2 /* TS_COMPAT */, SEEN_NO_EXIST = 1 /* BPF_NOEXIST */ };

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VEDETTE_SEEN_GROUPS);
  __type(key, __u64);
  __type(value, struct vedette_seen_calls);
} seen_calls SEC(".maps");

// Whether the task runs a program of its own mount name space. What a runtime does in a container
// before the container's program begins it does with a file from elsewhere, and a list of allowed
// calls must not hold its mounts.
static __always_inline bool runs_own_program(struct task_struct* task) {
  struct mm_struct* memory = GET(task, mm);
  struct nsproxy* proxy = GET(task, nsproxy);
  if (!memory || !proxy) return false;
  struct file* program = GET(memory, exe_file);
  if (!program) return false;
  struct vfsmount* mount = GET(program, f_path.mnt);
  return mount && GET(mount_of(mount), mnt_ns) == GET(proxy, mnt_ns);
}

static __always_inline void note_call(struct pt_regs* registers) {
  if (!settings.note_calls) return;
  __u64 number = registers->orig_ax;
  if (number >= VEDETTE_CALLS) return;
  struct task_struct* task = current_task();
  __u64 cgroup = cgroup_of(task);
  __u32 word = (number >> 6) & 7;
  if (GET(task, thread_info.status) & SEEN_COMPAT) word += 8;  // entered as i386
  __u64 bit = 1ULL << (number & 63);
  struct vedette_seen_calls* seen = bpf_map_lookup_elem(&seen_calls, &cgroup);
  if (seen && seen->words[word & 15] & bit) return;
  if ((__u32)GET(task, tgid) == filter.own_pid || !runs_own_program(task)) return;
  if (!seen) {
    static const struct vedette_seen_calls kNone;
    bpf_map_update_elem(&seen_calls, &cgroup, &kNone, SEEN_NO_EXIST);
    seen = bpf_map_lookup_elem(&seen_calls, &cgroup);
    if (!seen) return;
  }
  __sync_fetch_and_or(&seen->words[word & 15], bit);
}
