// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sockets and what is at their ends; TCP connections from their start to their end.

#include "sensor/bpf/files.h"

enum { FAMILY_UNIX = 1, FAMILY_IPV4 = 2, FAMILY_IPV6 = 10, FAMILY_NETLINK = 16 };
enum { TYPE_STREAM = 1, TYPE_DATAGRAM = 2 };
enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_CLOSE = 7, TCP_LISTEN = 10 };
enum { PROTOCOL_TCP = 6, FLOWS_MAX = 65536, UNIX_PATH_MAX = 108, ADDRESS_MAX = 128 };

// Who opened a TCP connection. Its end is often seen on behalf of nobody.
struct flow {
  __u64 started;
  __u64 cgroup;
  __u32 pid;  // 0: not known (yet)
  __u32 tid;
  __u32 accepted;
  __u32 zero;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, FLOWS_MAX);
  __type(key, __u64);  // struct sock *
  __type(value, struct flow);
} flows SEC(".maps");

static __always_inline struct sock* sock_of(struct file* file) {
  struct inode* inode = GET(file, f_inode);
  struct super_block* system = GET(inode, i_sb);
  if (!system || GET(system, s_magic) != FILESYSTEM_SOCKETS) return 0;
  struct socket* socket = GET(file, private_data);
  return GET(socket, sk);
}

static __always_inline __u16 host_order(__u16 value) { return __builtin_bswap16(value); }

static __always_inline void fill_socket(struct vedette_socket* to, struct sock* sk) {
  __builtin_memset(to, 0, sizeof(*to));
  to->family = GET(sk, __sk_common.skc_family);
  to->type = GET(sk, sk_type);
  to->protocol = GET(sk, sk_protocol);
  to->state = GET(sk, __sk_common.skc_state);
  if (to->family != FAMILY_IPV4 && to->family != FAMILY_IPV6) return;
  to->local_port = GET(sk, __sk_common.skc_num);
  to->remote_port = host_order(GET(sk, __sk_common.skc_dport));
  if (to->family == FAMILY_IPV4) {
    *(__u32*)to->local = GET(sk, __sk_common.skc_rcv_saddr);
    *(__u32*)to->remote = GET(sk, __sk_common.skc_daddr);
  } else {
    bpf_core_read(to->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
    bpf_core_read(to->remote, 16, &sk->__sk_common.skc_v6_daddr);
  }
}

// The name of a unix socket, or of its other end; an abstract one begins with '@'.
__noinline int put_unix_path(struct scratch* s, __u64 sock) {
  if (!s) return 0;
  struct unix_sock* own = (struct unix_sock*)sock;
  struct unix_address* name = GET(own, addr);
  if (!name) {
    struct unix_sock* peer = (struct unix_sock*)GET(own, peer);
    if (!peer) return 0;
    name = GET(peer, addr);
    if (!name) return 0;
  }
  __u32 length = GET(name, len) - 2;
  if (!length || length > UNIX_PATH_MAX) return 0;
  const void* from =
      (void*)name + __builtin_preserve_field_info(((struct unix_address*)0)->name, 0) + 2;
  __u8* room = field_room(s, PUT_MAX);
  if (!room) return 0;
  __u8* text = room + sizeof(struct vedette_field);
  bpf_probe_read_kernel(text, length, from);
  if (text[0] == 0) {
    text[0] = '@';
    end_text(s, room, VEDETTE_FIELD_SOCKET_PATH, length);
    return 0;
  }
  end_string(s, room, VEDETTE_FIELD_SOCKET_PATH,
             bpf_probe_read_kernel_str(text, UNIX_PATH_MAX + 1, from));
  return 0;
}

__noinline int put_socket(struct scratch* s, __u64 file_address) {
  if (!s) return 0;
  struct file* file = (struct file*)file_address;
  struct sock* sk = sock_of(file);
  if (!sk) return 0;
  struct vedette_socket* to = put_struct(s, VEDETTE_FIELD_SOCKET, sizeof(struct vedette_socket));
  if (!to) return 0;
  fill_socket(to, sk);
  struct inode* inode = GET(file, f_inode);
  to->inode = GET(inode, i_ino);
  __u64 key = address(sk);
  struct flow* flow = bpf_map_lookup_elem(&flows, &key);
  if (flow && flow->accepted) to->listening_side = 1;
  if (to->family == FAMILY_UNIX) put_unix_path(s, key);
  return 0;
}

// FD, and what it refers to; a path goes to `path_id`.
__noinline int put_descriptor(struct scratch* s, __u32 descriptor, __u32 path_id, __u64 file,
                              __u64 task) {
  if (!s) return 0;
  put_u32(s, VEDETTE_FIELD_FD, descriptor);
  if (!file) return 0;
  __u32 type = put_file(s, VEDETTE_FIELD_FILE, file, task);
  if (type == MODE_SOCKET) {
    put_socket(s, file);
  } else if (type && type != MODE_FIFO && path_id) {
    put_file_path(s, path_id, (struct file*)file, (struct task_struct*)task);
  }
  return 0;
}

// The struct sockaddr that a call was given, `length` bytes of it.
static __always_inline void put_address(struct scratch* s, __u64 from, __u32 length) {
  if (!from || (__s32)length <= 0) return;
  if (length > ADDRESS_MAX) length = ADDRESS_MAX;
  put_user_bytes(s, VEDETTE_FIELD_ADDRESS, from, length);
}

// A connection that `sk` made or accepted belongs to the process that now uses it.
static __always_inline void own_flow(struct sock* sk, struct task_struct* task) {
  __u64 key = address(sk);
  struct flow* flow = bpf_map_lookup_elem(&flows, &key);
  if (!flow || flow->pid) return;
  flow->started = started(task);
  flow->cgroup = cgroup_of(task);
  flow->tid = GET(task, pid);
  flow->pid = GET(task, tgid);
}

static __always_inline void open_flow(__u64 key, __u32 accepted) {
  struct flow flow = {.accepted = accepted};
  if (!accepted) {
    struct task_struct* task = current_task();
    flow.started = started(task);
    flow.cgroup = cgroup_of(task);
    flow.pid = GET(task, tgid);
    flow.tid = GET(task, pid);
  }
  bpf_map_update_elem(&flows, &key, &flow, BPF_ANY);
}

struct flow_record {
  struct vedette_record header;
  struct vedette_field socket_field;
  struct vedette_socket socket;
  struct vedette_field sent_field;
  __u32 sent[2];
  struct vedette_field received_field;
  __u32 received[2];
  __u32 zero;
} __attribute__((packed, aligned(8)));

// Runs in interrupts too: has its record on its own stack.
static __always_inline void close_flow(__u64 key, struct sock* sk) {
  struct flow_record record = {};
  struct flow* flow = bpf_map_lookup_elem(&flows, &key);
  record.header.kind = VEDETTE_KIND_FLOW;
  record.header.size = sizeof(record);
  record.header.time = bpf_ktime_get_boot_ns();
  record.header.syscall = VEDETTE_NO_SYSCALL;
  record.header.cpu = bpf_get_smp_processor_id();
  record.socket_field.id = VEDETTE_FIELD_SOCKET;
  record.socket_field.size = sizeof(struct vedette_socket);
  struct vedette_socket socket;  // of its own: the one in the record is not aligned
  fill_socket(&socket, sk);
  if (flow) {
    record.header.pid = flow->pid;
    record.header.tid = flow->tid;
    record.header.started = flow->started;
    record.header.cgroup = flow->cgroup;
    socket.listening_side = flow->accepted;
  }
  record.socket = socket;
  __u64 sent = GET((struct tcp_sock*)sk, bytes_acked);
  __u64 received = GET((struct tcp_sock*)sk, bytes_received);
  record.sent_field.id = VEDETTE_FIELD_SENT;
  record.sent_field.size = 8;
  record.sent[0] = sent;
  record.sent[1] = sent >> 32;
  record.received_field.id = VEDETTE_FIELD_RECEIVED;
  record.received_field.size = 8;
  record.received[0] = received;
  record.received[1] = received >> 32;
  bpf_map_delete_elem(&flows, &key);
  struct vedette_counters* count = own_counters();
  if (!count) return;
  count->produced[VEDETTE_KIND_FLOW]++;
  if (bpf_ringbuf_output(&ring, &record, sizeof(record), BPF_RB_NO_WAKEUP)) {
    count->lost[VEDETTE_KIND_FLOW]++;
  }
}

SEC("tp_btf/inet_sock_set_state")
int socket_state(__u64* context) {
  struct sock* sk = (struct sock*)context[0];
  int before = context[1];
  int after = context[2];
  if (GET(sk, sk_protocol) != PROTOCOL_TCP) return 0;
  __u64 key = address(sk);
  if (after == TCP_SYN_SENT) {
    open_flow(key, 0);
  } else if (before == TCP_SYN_RECV && after == TCP_ESTABLISHED) {
    open_flow(key, 1);
  } else if (after == TCP_CLOSE && before != TCP_LISTEN && before != TCP_SYN_SENT) {
    if (wanted_kind(VEDETTE_KIND_FLOW)) close_flow(key, sk);
  } else if (after == TCP_CLOSE) {
    bpf_map_delete_elem(&flows, &key);
  }
  return 0;
}
