// SPDX-License-Identifier: Apache-2.0
#pragma once

// The members of kernel structures that the programs read, and no others. Offsets here mean
// nothing: each access is relocated to the running kernel's layout when the programs are loaded, so
// one object file serves all kernels and building needs no kernel's type information. A name behind
// ___ marks another version of a structure; the loader drops it before it looks the type up.

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
enum { false, true };

// From linux/bpf.h, which needs headers of one architecture.
enum {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_LPM_TRIE = 11,
  BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0, BPF_F_NO_PREALLOC = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip;
};

struct atomic {
  int counter;
};

struct user_id {
  __u32 val;
};

struct capabilities {
  __u64 bits;
};

struct timespec64 {
  __s64 tv_sec;
  long tv_nsec;
};

struct qstr {
  __u32 len;
  const unsigned char* name;
};

struct hlist_bl_node {
  struct hlist_bl_node *next, **pprev;
};

struct super_block {
  __u32 s_dev;
  unsigned long s_magic;
};

struct inode {
  __u16 i_mode;
  struct user_id i_uid;
  struct user_id i_gid;
  struct super_block* i_sb;
  unsigned long i_ino;
  __u32 i_nlink;
  __s64 i_mtime_sec, i_ctime_sec;
  __u32 i_mtime_nsec, i_ctime_nsec;
};
// 6.6 to 6.10: i_ctime is private; before: both plain.
struct inode___private_times {
  struct timespec64 __i_mtime, __i_ctime;
};
struct inode___private_ctime {
  struct timespec64 i_mtime, __i_ctime;
};
struct inode___plain_times {
  struct timespec64 i_mtime, i_ctime;
};

struct dentry {
  struct dentry* d_parent;
  struct qstr d_name;
  struct inode* d_inode;
};

struct vfsmount {
  struct dentry* mnt_root;
};

struct mount {
  struct mount* mnt_parent;
  struct mnt_namespace* mnt_ns;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
};

struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};

struct file {
  unsigned int f_mode;
  void* private_data;
  struct inode* f_inode;
  unsigned int f_flags;
  struct path f_path;
};

struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};

struct files_struct {
  struct fdtable* fdt;
};

struct fs_struct {
  struct path root;
  struct path pwd;
};

struct ns_common {
  unsigned int inum;
};

struct mnt_namespace {
  struct ns_common ns;
};

struct pid_namespace {
  unsigned int level;
  struct ns_common ns;
};

struct nsproxy {
  struct mnt_namespace* mnt_ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};

struct pid {
  unsigned int level;
  struct upid numbers[1];
};

struct tty_driver {
  int major;
  int minor_start;
};

struct tty_struct {
  int index;
  struct tty_driver* driver;
};

struct signal_struct {
  struct atomic live;
  int group_exit_code;
  unsigned int flags;
  struct pid* pids[4];
  struct tty_struct* tty;
};

struct cred {
  struct user_id uid, gid, suid, sgid, euid, egid, fsuid, fsgid;
  struct capabilities cap_inheritable, cap_permitted, cap_effective;
};

struct kernfs_node {
  __u64 id;
};

struct cgroup_root {
  int hierarchy_id;
};

struct cgroup {
  struct kernfs_node* kn;
  struct cgroup_root* root;
};

struct css_set {
  struct cgroup* dfl_cgrp;
};

struct mm_struct {
  unsigned long arg_start, arg_end, env_start, env_end;
  struct file* exe_file;
};

struct thread_info {
  __u32 status;
};

struct task_struct {
  struct thread_info thread_info;
  struct mm_struct* mm;
  int exit_code;
  int pid;
  int tgid;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  struct pid* thread_pid;
  __u64 start_boottime;
  struct cred* cred;
  char comm[16];
  struct fs_struct* fs;
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  struct user_id loginuid;
  struct css_set* cgroups;
};

struct linux_binprm {
  struct file* file;
  const char* filename;
  const char* fdpath;
};

struct in6_addr {
  __u8 bytes[16];
};

struct sock_common {
  __u32 skc_daddr;
  __u32 skc_rcv_saddr;
  __u16 skc_dport;
  __u16 skc_num;
  __u16 skc_family;
  __u8 skc_state;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
  struct sock_common __sk_common;
  __u16 sk_type;
  __u16 sk_protocol;
  struct socket* sk_socket;
};

struct socket {
  struct file* file;
  struct sock* sk;
};

struct tcp_sock {
  __u64 bytes_received;
  __u64 bytes_acked;
};

struct sockaddr_un {
  __u16 sun_family;
  char sun_path[108];
};

struct unix_address {
  int len;
  struct sockaddr_un name[1];
};

struct unix_sock {
  struct unix_address* addr;
  struct sock* peer;
};

struct bpf_iter_meta {
  struct seq_file* seq;
};

struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
};

struct bpf_iter__task_file {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
  __u32 fd;
  struct file* file;
};

// io_uring, 6.0 and later.
struct filename {
  const char* name;
};

struct open_how {
  __u64 flags;
  __u64 mode;
  __u64 resolve;
};

struct io_kiocb {
  struct file* file;
  __u8 opcode;
  __u64 flags;
};

struct io_open {
  struct file* file;
  int dfd;
  struct filename* filename;
  struct open_how how;
};

struct io_connect {
  struct file* file;
  int addr_len;
};

struct io_unlink {
  int dfd;
  int flags;
  struct filename* filename;
};

struct io_rename {
  int old_dfd;
  int new_dfd;
  struct filename* oldpath;
  struct filename* newpath;
  int flags;
};

struct io_mkdir {
  int dfd;
  __u16 mode;
  struct filename* filename;
};

struct io_link {
  int old_dfd;
  int new_dfd;
  struct filename* oldpath;
  struct filename* newpath;
  int flags;
};

struct io_socket {
  int domain;
  int type;
  int protocol;
};

struct io_uring_cqe {
  __s32 res;
};

#pragma clang attribute pop
