// SPDX-License-Identifier: Apache-2.0
#pragma once

/*
 * What the sensor writes and the decoder reads: the one header that kernel C and user space share.
 * A stream of records, live or in a capture file, holds all that is needed to understand it: what
 * existed at its start, what containers and users are called, and what was lost. Little-endian.
 *
 *   record   vedette_record, then fields up to `size`; records begin at multiples of 8
 *   field    vedette_field, then `size` bytes, then zeros up to a multiple of 4
 *
 * A reader skips kinds and fields that it does not know. Text is bytes as the kernel holds them,
 * without a final NUL, any encoding; a list is its elements, each followed by a NUL.
 */
// NOLINTBEGIN(readability-identifier-naming): names of C

#ifndef __bpf__
#include <linux/types.h>
#endif

/* A capture file begins with these 8 bytes, a __u32 version and a __u32 of zero. */
#define VEDETTE_CAPTURE_MAGIC "\x89VDTCAP\n"
#define VEDETTE_CAPTURE_VERSION 1
#define VEDETTE_RECORD_SIZE_MAX 65528

enum vedette_kind {
  /* About the stream. */
  VEDETTE_KIND_HOST = 1, /* HOSTNAME, KERNEL, BOOT_TIME; first of every stream */
  VEDETTE_KIND_LOST,     /* LOST events of STAGE were not delivered before this one */
  VEDETTE_KIND_STARTED,  /* the state at start is complete; live events follow */
  VEDETTE_KIND_USER,     /* ID and NAME, of the container CONTAINER_ID or of the host */
  VEDETTE_KIND_GROUP,
  VEDETTE_KIND_CONTAINER, /* what a runtime says of CONTAINER_ID; may come again, newer wins */
  VEDETTE_KIND_CGROUP,    /* header.cgroup has CGROUP_PATH; removed: flag GONE */
  /* State at start. */
  VEDETTE_KIND_TASK,       /* a process that exists: fields as of EXEC, and PARENT */
  VEDETTE_KIND_DESCRIPTOR, /* an open file of header.pid: FD and the fields of a file or socket */
  /* Events. */
  VEDETTE_KIND_EXEC,    /* execve or execveat done; header.syscall says which */
  VEDETTE_KIND_FORK,    /* header is the new process; PARENT, and what differs from it */
  VEDETTE_KIND_EXIT,    /* the last thread of a process: result is the wait status, SIGNAL */
  VEDETTE_KIND_SYSCALL, /* any other system call, done: ARG0…ARG5 and what they refer to */
  VEDETTE_KIND_FLOW,    /* a TCP connection closed: SENT and RECEIVED bytes */
  VEDETTE_KIND_DNS,     /* DNS message in DATA; flag ANSWER */
  VEDETTE_KIND_TLS,     /* NAME: the server name of a ClientHello */
  VEDETTE_KIND_BLOCKED, /* what a rule denied: header.syscall, PATH or ADDRESS; NAME: the rule */
  /* About the stream as well; comes again when there are more, and before the group's end. DATA:
     bits of the calls that header.cgroup did, by number: 64 bytes of x86-64, 64 of i386. */
  VEDETTE_KIND_CALLS_SEEN = 22
};

enum vedette_record_flag {
  VEDETTE_FLAG_COMPAT = 1 << 0,   /* 32-bit entry; header.syscall is the x86-64 number of it */
  VEDETTE_FLAG_IO_URING = 1 << 1, /* done by io_uring; header.syscall is the call it stands for */
  VEDETTE_FLAG_CUT = 1 << 2,      /* some field was cut to a limit */
  VEDETTE_FLAG_GONE = 1 << 3,
  VEDETTE_FLAG_ANSWER = 1 << 4,
  VEDETTE_FLAG_FAILED = 1 << 5, /* EXEC: the call failed; the process is what it was */
  VEDETTE_FLAG_URGENT = 1 << 6  /* woke the reader at once */
};

#define VEDETTE_NO_SYSCALL 0xFFFFFFFFu

struct vedette_record {
  __u32 size; /* of the whole record, header included; a multiple of 8 */
  __u16 kind;
  __u16 flags;
  __u64 time; /* nanoseconds since boot (CLOCK_BOOTTIME) */
  __u32 pid;  /* thread group, in the initial pid namespace; 0: of no process */
  __u32 tid;
  __u64 started; /* nanoseconds since boot: with pid, one process and no other */
  __u64 cgroup;  /* inode of the directory in the unified hierarchy */
  __s64 result;  /* of the call: negative is -errno */
  __u32 syscall; /* number on x86-64 */
  __u32 cpu;
};

struct vedette_field {
  __u16 id;
  __u16 size; /* of the bytes that follow */
};

/* u8, u16, u32, u64: integers of that size; s: signed. */
enum vedette_field_id {
  /* Processes: EXEC, TASK; FORK brings those that differ. */
  VEDETTE_FIELD_PARENT = 1,  /* u32 pid, u32 zero, u64 started */
  VEDETTE_FIELD_COMM,        /* text, at most 15 bytes */
  VEDETTE_FIELD_EXE_PATH,    /* text: what the kernel runs, in the process's root */
  VEDETTE_FIELD_EXE_FILE,    /* struct vedette_file of it */
  VEDETTE_FIELD_EXE_NAME,    /* text: file name as given to execve */
  VEDETTE_FIELD_ARGUMENTS,   /* list, argv[0] first */
  VEDETTE_FIELD_ENVIRONMENT, /* list of NAME=value */
  VEDETTE_FIELD_CWD,         /* text */
  VEDETTE_FIELD_ROOT,        /* text: the process's root, when it is not "/" */
  VEDETTE_FIELD_CREDENTIALS, /* struct vedette_credentials */
  VEDETTE_FIELD_SESSION,     /* struct vedette_session */
  /* Calls. */
  VEDETTE_FIELD_ARG0 = 32, /* u64, up to ARG5 */
  VEDETTE_FIELD_ARG5 = 37,
  VEDETTE_FIELD_PATH_GIVEN,  /* text: first path argument, as in user memory */
  VEDETTE_FIELD_PATH2_GIVEN, /* text: second one */
  VEDETTE_FIELD_PATH,        /* text: first path, as the kernel resolved it */
  VEDETTE_FIELD_PATH2,
  VEDETTE_FIELD_FOLDER, /* text: what the first path, if relative, starts at */
  VEDETTE_FIELD_FOLDER2,
  VEDETTE_FIELD_DATA, /* bytes: a name, a message, options … */
  /* What a descriptor refers to: the result of open, dup, socket …, the argument of others. */
  VEDETTE_FIELD_FD = 64,     /* s32 */
  VEDETTE_FIELD_FD_PATH,     /* text */
  VEDETTE_FIELD_FILE,        /* struct vedette_file */
  VEDETTE_FIELD_SOCKET,      /* struct vedette_socket */
  VEDETTE_FIELD_ADDRESS,     /* struct sockaddr given to the call, as many bytes as it has */
  VEDETTE_FIELD_SOCKET_PATH, /* text: of a unix socket */
  VEDETTE_FIELD_SENT,        /* u64 bytes */
  VEDETTE_FIELD_RECEIVED,
  /* Others. */
  VEDETTE_FIELD_ID = 96,   /* u32 */
  VEDETTE_FIELD_NAME,      /* text */
  VEDETTE_FIELD_SIGNAL,    /* s32 */
  VEDETTE_FIELD_HOSTNAME,  /* text */
  VEDETTE_FIELD_KERNEL,    /* text: release */
  VEDETTE_FIELD_BOOT_TIME, /* s64: nanoseconds from the Unix epoch to the boot */
  VEDETTE_FIELD_LOST,      /* u64 */
  VEDETTE_FIELD_STAGE,     /* text */
  /* Containers. */
  VEDETTE_FIELD_CONTAINER_ID = 128, /* text: full */
  VEDETTE_FIELD_RUNTIME,            /* text: docker, containerd, cri-o, podman, runc … */
  VEDETTE_FIELD_IMAGE,              /* text: reference as the runtime knows it */
  VEDETTE_FIELD_IMAGE_ID,           /* text */
  VEDETTE_FIELD_IMAGE_DIGEST,       /* text */
  VEDETTE_FIELD_PRIVILEGED,         /* u8 */
  VEDETTE_FIELD_LABELS,             /* list of name=value */
  VEDETTE_FIELD_MOUNTS,             /* list of source:destination:mode:rw:propagation */
  VEDETTE_FIELD_POD,                /* text */
  VEDETTE_FIELD_POD_UID,
  VEDETTE_FIELD_NAMESPACE,   /* text: Kubernetes */
  VEDETTE_FIELD_CREATED,     /* s64: nanoseconds since the epoch */
  VEDETTE_FIELD_CGROUP_PATH, /* text */
  VEDETTE_FIELD_COMPLETE     /* u8: 1 when the runtime was asked and has answered */
};

enum vedette_file_flag {
  VEDETTE_FILE_UPPER = 1 << 0, /* in the upper layer of an overlay: not of the image */
  VEDETTE_FILE_LOWER = 1 << 1,
  VEDETTE_FILE_MEMFD = 1 << 2,
  VEDETTE_FILE_WRITABLE = 1 << 3, /* by the process's own user, as its mode says */
  VEDETTE_FILE_UNLINKED = 1 << 4,
  VEDETTE_FILE_CREATED = 1 << 5 /* by this call */
};

/* What open(2), dup(2) and the like refer to, whatever its kind. */
struct vedette_file {
  __u64 inode;
  __u32 device;   /* major << 20 | minor, as the kernel holds it */
  __u32 mode;     /* type and permissions */
  __s64 changed;  /* ctime, nanoseconds since the epoch */
  __s64 modified; /* mtime */
  __u32 uid;
  __u32 flags;      /* vedette_file_flag */
  __u32 open_flags; /* file->f_flags */
  char type;        /* Falco's fd.typechar: f d 4 6 u p e s t i l b m … or 0 */
  char zero[3];
};

/* Addresses in network order, ports in host order; IPv4 in the first 4 bytes. */
struct vedette_socket {
  __u16 family;
  __u16 type; /* SOCK_… */
  __u16 protocol;
  __u16 local_port;
  __u16 remote_port;
  __u8 state;          /* TCP_… */
  __u8 listening_side; /* the local end accepted the connection */
  __u32 zero;
  __u8 local[16];
  __u8 remote[16];
  __u64 inode;
};

struct vedette_credentials {
  __u32 uid, euid, suid, fsuid;
  __u32 gid, egid, sgid, fsgid;
  __u32 login_uid; /* 0xFFFFFFFF: none */
  __u32 zero;
  __u64 permitted, effective, inheritable;
};

struct vedette_session {
  __u32 sid; /* in the initial pid namespace */
  __u32 pgid;
  __u32 vpid, vtid, vsid, vpgid; /* in the process's own pid namespace */
  __u32 tty;                     /* device number, 0: none */
  __u32 pid_namespace;           /* inode */
  __u32 mount_namespace;
  __u32 zero;
};
// NOLINTEND(readability-identifier-naming)
