// SPDX-License-Identifier: Apache-2.0
#pragma once

// What calls carry: DNS messages, and the first message of TLS, which names the server.

#include "sensor/bpf/sockets.h"

enum { PORT_DNS = 53, DNS_MAX = 2048, HELLO_MAX = 2048, MESSAGES_MAX = 4 };
enum { CALL_SENDTO = 44, CALL_RECVFROM = 45, ADDRESS_INET_MAX = 28 };
enum { TLS_HANDSHAKE = 0x16, TLS_MAJOR = 3, TLS_CLIENT_HELLO = 1 };

// As in user memory; of 64-bit processes.
struct user_vector {
  __u64 base;
  __u64 length;
};

struct user_message {
  __u64 name;
  __u32 name_length;
  __u32 padding;
  __u64 vectors;
  __u64 vector_count;
  __u64 control;
  __u64 control_length;
  __u32 flags;
  __u32 padding2;
};

enum { MANY_MESSAGES_STEP = 64 };  // sizeof(struct mmsghdr)

// One message of a call.
struct message {
  __u64 file;
  __u64 sock;
  __u64 address;  // of the other end, in user memory; may be 0
  __u32 address_length;
  __u32 number;  // of the call
  __s64 result;
  __u64 data;
  __u32 size;
  __u32 receives;
  __s32 descriptor;
  __u32 zero;
};

static __always_inline bool is_dns(struct message* message, struct sock* sk) {
  if (GET(sk, sk_type) != TYPE_DATAGRAM) return false;
  __u16 port = GET(sk, __sk_common.skc_dport);
  if (!port && message->address) {
    bpf_probe_read_user(&port, sizeof(port), (const void*)(message->address + 2));
  }
  return host_order(port) == PORT_DNS && message->size >= 12;
}

static __always_inline bool is_client_hello(struct message* message, struct sock* sk) {
  __u8 start[6] = {};
  if (message->receives || message->size < 48) return false;
  if (bpf_probe_read_user(start, sizeof(start), (const void*)message->data)) return false;
  if (start[0] != TLS_HANDSHAKE || start[1] != TLS_MAJOR || start[5] != TLS_CLIENT_HELLO) {
    return false;
  }
  __u16 family = GET(sk, __sk_common.skc_family);
  return GET(sk, sk_type) == TYPE_STREAM && (family == FAMILY_IPV4 || family == FAMILY_IPV6);
}

static __always_inline void record_message(struct message* message, struct task_struct* task,
                                           __u16 kind, __u32 most) {
  struct scratch* s = claim_scratch(kind);
  if (!s) return;
  begin(s, kind, task);
  struct vedette_record* header = header_of(s);
  header->syscall = message->number;
  header->result = message->result;
  if (message->receives) header->flags |= VEDETTE_FLAG_ANSWER;
  put_u32(s, VEDETTE_FIELD_FD, message->descriptor);
  put_socket(s, message->file);
  put_address(s, message->address, message->address_length);
  __u32 size = message->size;
  if (size > most) size = most;
  put_user_bytes(s, VEDETTE_FIELD_DATA, message->data, size);
  submit(s);
}

__noinline int look_at_message(struct message* message) {
  if (!message) return 0;
  struct sock* sk = (struct sock*)message->sock;
  if (wanted_kind(VEDETTE_KIND_DNS) && is_dns(message, sk)) {
    record_message(message, current_task(), VEDETTE_KIND_DNS, DNS_MAX);
  } else if (wanted_kind(VEDETTE_KIND_TLS) && is_client_hello(message, sk)) {
    record_message(message, current_task(), VEDETTE_KIND_TLS, HELLO_MAX);
  }
  return 0;
}

// The message that a struct msghdr describes: its first vector.
static __always_inline void look_at_header(struct message* message, __u64 header, __u64 carried) {
  struct user_message user = {};
  struct user_vector vector = {};
  if (bpf_probe_read_user(&user, sizeof(user), (const void*)header)) return;
  if (bpf_probe_read_user(&vector, sizeof(vector), (const void*)user.vectors)) return;
  message->address = user.name;
  message->address_length = user.name_length;
  message->data = vector.base;
  message->size = vector.length < carried ? vector.length : carried;
  look_at_message(message);
}

// The messages of a call that succeeded, whose arguments are in registers[0…5].
__noinline int look_at_call(__u32 number, __s64 result, __u64 descriptor, __u64 buffer,
                            __u64 address_argument) {
  const volatile struct vedette_call* call = &settings.calls[number & (VEDETTE_CALLS - 1)];
  struct file* file = file_of(current_task(), descriptor);
  struct sock* sk = file ? sock_of(file) : 0;
  if (!sk || result <= 0) return 0;
  struct message message = {.file = address(file),
                            .sock = address(sk),
                            .number = number,
                            .result = result,
                            .descriptor = descriptor,
                            .receives = call->receives};
  if (call->shape == VEDETTE_SHAPE_BUFFER) {
    message.data = buffer;
    message.size = result;
    if (number == CALL_SENDTO || number == CALL_RECVFROM) {
      message.address = address_argument;
      message.address_length = address_argument ? ADDRESS_INET_MAX : 0;
    }
    look_at_message(&message);
  } else if (call->shape == VEDETTE_SHAPE_VECTOR) {
    struct user_vector vector = {};
    if (bpf_probe_read_user(&vector, sizeof(vector), (const void*)buffer)) return 0;
    message.data = vector.base;
    message.size = vector.length < (__u64)result ? vector.length : (__u64)result;
    look_at_message(&message);
  } else if (call->shape == VEDETTE_SHAPE_MESSAGE) {
    look_at_header(&message, buffer, result);
  } else if (call->shape == VEDETTE_SHAPE_MESSAGES) {
    for (__u32 i = 0; i < MESSAGES_MAX && i < result; ++i) {
      __u64 header = buffer + i * MANY_MESSAGES_STEP;
      __u32 carried = 0;
      bpf_probe_read_user(&carried, sizeof(carried),
                          (const void*)(header + sizeof(struct user_message)));
      look_at_header(&message, header, carried);
    }
  }
  return 0;
}
