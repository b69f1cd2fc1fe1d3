// SPDX-License-Identifier: Apache-2.0
#pragma once

// What io_uring does without a system call, told as the call that it stands for. When a request is
// handed in the kernel has its own copy of the paths; when it is completed the result is known, but
// the paths are gone. So they are kept in between. Requests that ask for no completion, or find no
// room, are told when handed in.

#include "sensor/bpf/calls.h"

enum { URING_NO_COMPLETION = 1 << 6, URING_OPERATIONS = 64, URING_PENDING_MAX = 16384 };
enum { URING_PATH_MAX = 512 };
enum {
  CALL_CONNECT = 42,
  CALL_BIND = 49,
  CALL_LISTEN = 50,
  CALL_SOCKET = 41,
  CALL_OPENAT = 257,
  CALL_MKDIRAT = 258,
  CALL_UNLINKAT = 263,
  CALL_LINKAT = 265,
  CALL_SYMLINKAT = 266,
  CALL_RENAMEAT2 = 316,
  CALL_OPENAT2 = 437
};

struct pending {
  __u64 arguments[6];
  __u32 number;
  __s32 folder;
  __s32 folder2;
  __u32 has_how;
  struct open_how how;
  char path[URING_PATH_MAX];
  char path2[URING_PATH_MAX];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, URING_PENDING_MAX);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u64);  // struct io_kiocb *
  __type(value, struct pending);
} uring_pending SEC(".maps");

static __always_inline void keep_path(char* to, struct filename* name) {
  bpf_probe_read_kernel_str(to, URING_PATH_MAX, GET(name, name));
}

static __always_inline void keep_open(struct pending* pending, struct io_kiocb* request) {
  struct io_open* open = (struct io_open*)request;
  pending->folder = GET(open, dfd);
  keep_path(pending->path, GET(open, filename));
  pending->how.flags = GET(open, how.flags);
  pending->how.mode = GET(open, how.mode);
  pending->how.resolve = GET(open, how.resolve);
  pending->arguments[0] = pending->folder;
  if (pending->number == CALL_OPENAT) {
    pending->arguments[2] = pending->how.flags;
    pending->arguments[3] = pending->how.mode;
  } else {
    pending->has_how = 1;
    pending->arguments[3] = sizeof(struct open_how);
  }
}

// link, rename, symlink: one layout. (A symlink's target comes in `oldpath`, its folder is second.)
static __always_inline void keep_two_paths(struct pending* pending, struct io_kiocb* request) {
  struct io_rename* rename = (struct io_rename*)request;
  pending->folder = GET(rename, old_dfd);
  pending->folder2 = GET(rename, new_dfd);
  keep_path(pending->path, GET(rename, oldpath));
  keep_path(pending->path2, GET(rename, newpath));
  if (pending->number == CALL_SYMLINKAT) {
    pending->arguments[1] = pending->folder2;
    return;
  }
  pending->arguments[0] = pending->folder;
  pending->arguments[2] = pending->folder2;
  pending->arguments[4] = GET(rename, flags);
}

static __always_inline void keep_request(struct pending* pending, struct io_kiocb* request) {
  struct io_unlink* unlink = (struct io_unlink*)request;
  struct io_mkdir* mkdir = (struct io_mkdir*)request;
  struct io_socket* socket = (struct io_socket*)request;
  switch (pending->number) {
    case CALL_OPENAT:
    case CALL_OPENAT2:
      keep_open(pending, request);
      break;
    case CALL_UNLINKAT:
      pending->arguments[0] = pending->folder = GET(unlink, dfd);
      pending->arguments[2] = GET(unlink, flags);
      keep_path(pending->path, GET(unlink, filename));
      break;
    case CALL_MKDIRAT:
      pending->arguments[0] = pending->folder = GET(mkdir, dfd);
      pending->arguments[2] = GET(mkdir, mode);
      keep_path(pending->path, GET(mkdir, filename));
      break;
    case CALL_RENAMEAT2:
    case CALL_LINKAT:
    case CALL_SYMLINKAT:
      keep_two_paths(pending, request);
      break;
    case CALL_SOCKET:
      pending->arguments[0] = GET(socket, domain);
      pending->arguments[1] = GET(socket, type);
      pending->arguments[2] = GET(socket, protocol);
      break;
    default:
      break;
  }
}

static __always_inline void put_kept_path(struct scratch* s, __u32 id, __u32 folder_id,
                                          __s32 folder, const char* path) {
  struct task_struct* task = current_task();
  if (!path[0]) return;
  put_kernel_string(s, id, address(path));
  if (path[0] == '/' || !folder_id) return;
  if (folder == AT_FDCWD) {
    put_cwd(s, folder_id, task);
    return;
  }
  struct file* file = file_of(task, folder);
  if (file) put_file_path(s, folder_id, file, task);
}

static __always_inline void put_request(struct scratch* s, struct pending* pending,
                                        struct io_kiocb* request, __s64 result) {
  const volatile struct vedette_call* call = &settings.calls[pending->number & (VEDETTE_CALLS - 1)];
  struct task_struct* task = current_task();
  bool success = result >= 0;
  bool opened = success && call->also & VEDETTE_ALSO_RESULT_PATH;
  for (int i = 0; i < 6; ++i) s->arguments[i] = pending->arguments[i];
  put_arguments(s, call->arguments);
  put_kept_path(s, VEDETTE_FIELD_PATH_GIVEN,
                opened || call->folder == NOT_RELATIVE ? 0 : VEDETTE_FIELD_FOLDER, pending->folder,
                pending->path);
  put_kept_path(s, VEDETTE_FIELD_PATH2_GIVEN, VEDETTE_FIELD_FOLDER2, pending->folder2,
                pending->path2);
  if (pending->has_how) {
    void* room = field_room(s, PUT_MAX);
    if (room) {
      __builtin_memcpy(room + sizeof(struct vedette_field), &pending->how, sizeof(pending->how));
      end_field(s, room, VEDETTE_FIELD_DATA, sizeof(pending->how));
    }
  }
  if (opened) {
    put_result(s, result, VEDETTE_FIELD_PATH);
  } else if (success && call->also & VEDETTE_ALSO_RESULT) {
    put_result(s, result, VEDETTE_FIELD_FD_PATH);
  } else if (call->descriptor) {
    __u64 file = address(GET(request, file));
    if (file && put_file(s, VEDETTE_FIELD_FILE, file, address(task)) == MODE_SOCKET) {
      put_socket(s, file);
    }
  }
}

static __always_inline void record_request(struct scratch* s, struct pending* pending,
                                           struct io_kiocb* request, __s64 result, bool completed) {
  __u8 wanted = filter.calls[pending->number & (VEDETTE_CALLS - 1)];
  if (!(wanted & (result >= 0 ? VEDETTE_WANT_SUCCESS : VEDETTE_WANT_FAILURE))) {
    s->busy = 0;
    return;
  }
  begin(s, VEDETTE_KIND_SYSCALL, current_task());
  struct vedette_record* header = header_of(s);
  header->syscall = pending->number;
  header->result = result;
  header->flags |= VEDETTE_FLAG_IO_URING;
  if (wanted & VEDETTE_WANT_URGENT) header->flags |= VEDETTE_FLAG_URGENT;
  // What is not completed yet has no descriptor as its result.
  put_request(s, pending, request, completed ? result : -1);
  submit(s);
}

static __always_inline int request_begins(struct io_kiocb* request) {
  __u32 operation = GET(request, opcode);
  if (operation >= URING_OPERATIONS) return 0;
  __u32 number = settings.io_uring[operation];
  if (!number || !filter.calls[number & (VEDETTE_CALLS - 1)]) return 0;
  if ((__u32)(bpf_get_current_pid_tgid() >> 32) == filter.own_pid) return 0;
  struct scratch* s = claim_scratch(VEDETTE_KIND_SYSCALL);
  if (!s) return 0;
  struct pending* pending = (struct pending*)s->staging;
  __builtin_memset(pending, 0, __builtin_offsetof(struct pending, path));
  pending->path[0] = 0;
  pending->path2[0] = 0;
  pending->number = number;
  keep_request(pending, request);
  __u64 key = address(request);
  bool kept = bpf_map_update_elem(&uring_pending, &key, pending, BPF_ANY) == 0;
  if (kept && !(GET(request, flags) & URING_NO_COMPLETION)) {
    s->busy = 0;
    return 0;
  }
  record_request(s, pending, request, 0, false);
  if (kept) bpf_map_delete_elem(&uring_pending, &key);
  return 0;
}

SEC("tp_btf/io_uring_submit_req")
int uring_submit_req(__u64* context) { return request_begins((struct io_kiocb*)context[0]); }

// Its name until 6.2.
SEC("tp_btf/io_uring_submit_sqe")
int uring_submit_sqe(__u64* context) { return request_begins((struct io_kiocb*)context[0]); }

SEC("tp_btf/io_uring_complete")
int uring_complete(__u64* context) {
  __u64 key = address((void*)context[1]);
  struct pending* pending = bpf_map_lookup_elem(&uring_pending, &key);
  if (!pending) return 0;
  __s32 result;
  if (settings.completion_is_cqe) {
    result = GET((struct io_uring_cqe*)context[2], res);
  } else {
    result = context[3];
  }
  struct scratch* s = claim_scratch(VEDETTE_KIND_SYSCALL);
  if (s) record_request(s, pending, (struct io_kiocb*)key, result, true);
  bpf_map_delete_elem(&uring_pending, &key);
  return 0;
}
