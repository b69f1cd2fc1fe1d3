// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the loader tells the programs and what they count for it; both sides compile this header.
// Records have a header of their own: formats/kernel/record_layout.h.

#ifdef __bpf__
#include "sensor/bpf/kernel_types.h"
#else
#include <linux/types.h>
#endif

// NOLINTBEGIN(readability-identifier-naming): names of C
enum { VEDETTE_CALLS = 512, VEDETTE_KINDS = 24, VEDETTE_PROGRAMS_MAX = 8 };

// What of a call is wanted.
enum vedette_want {
  VEDETTE_WANT_SUCCESS = 1 << 0,
  VEDETTE_WANT_FAILURE = 1 << 1,
  VEDETTE_WANT_MESSAGES = 1 << 2,  // DNS and TLS are looked for in what it carries
  VEDETTE_WANT_COMPAT = 1 << 3,    // the i386 call of this number stands for a wanted one
  VEDETTE_WANT_URGENT = 1 << 4     // wake the reader at once
};

// What else a call's record gets when the call succeeded.
enum vedette_also {
  VEDETTE_ALSO_CREDENTIALS = 1 << 0,
  VEDETTE_ALSO_SESSION = 1 << 1,
  VEDETTE_ALSO_FOLDERS = 1 << 2,     // CWD and ROOT
  VEDETTE_ALSO_NAME = 1 << 3,        // COMM
  VEDETTE_ALSO_RESULT = 1 << 4,      // the result is a descriptor: FD, and what it refers to
  VEDETTE_ALSO_RESULT_PATH = 1 << 5  // likewise, and its path is the PATH of the call
};

enum vedette_shape {
  VEDETTE_SHAPE_PLAIN = 0,
  VEDETTE_SHAPE_EXEC,      // a record of kind EXEC, and only when it failed
  VEDETTE_SHAPE_FCNTL,     // only what duplicates a descriptor
  VEDETTE_SHAPE_OPEN_HOW,  // the third argument is a struct open_how
  VEDETTE_SHAPE_MESSAGE,   // the second one is a struct msghdr
  VEDETTE_SHAPE_MESSAGES,  // … a struct mmsghdr[]
  VEDETTE_SHAPE_BUFFER,    // … a buffer
  VEDETTE_SHAPE_VECTOR     // … a struct iovec[]
};

// How to read the arguments of a call. Positions count from 1; 0: has none.
struct vedette_call {
  __u8 arguments;  // how many
  __u8 path;
  __u8 folder;  // the descriptor that `path` is relative to; 0: the working directory
  __u8 path2;
  __u8 folder2;
  __u8 descriptor;
  __u8 address;  // struct sockaddr *, its length behind it
  __u8 text;     // char *, goes to DATA
  __u8 also;
  __u8 shape;
  __u8 receives;  // of shapes with a buffer: it is filled by the call
  __u8 zero;
};

// Constant once loaded: the verifier leaves out what it rules out.
struct vedette_settings {
  struct vedette_call calls[VEDETTE_CALLS];
  __u16 compat[VEDETTE_CALLS];  // i386 number to x86-64 number; 0xFFFF: none
  __u16 socketcalls[32];        // by the first argument of i386 socketcall
  __u16 io_uring[64];           // by IORING_OP_…; 0: none
  __u32 cpus;
  __u32 arguments_max;     // bytes kept
  __u32 environment_max;   // bytes kept
  __u32 wake_bytes;        // wake the reader when so much is waiting
  __u8 can_cast;           // this kernel has bpf_rdonly_cast
  __u8 completion_is_cqe;  // third argument of io_uring_complete is a struct io_uring_cqe *
  __u8 note_calls;         // which calls each control group does is noted in seen_calls
  __u8 zero;
};

// A process' name, filled up with zeros.
struct vedette_program {
  __u64 words[2];
};

// Opens that are told, where `gated`: those that one of these names.
struct vedette_opens {
  __u8 gated;
  __u8 with_parents;  // the path that was given holds ".."
  __u8 by_prefix;     // the path that was resolved has one of the prefixes
  __u8 zero;
  __u32 program_count;
  struct vedette_program programs[VEDETTE_PROGRAMS_MAX];
};

// May change while the programs run.
struct vedette_filter {
  __u32 kinds;  // 1 << vedette_kind
  __u32 urgent_kinds;
  __u32 own_pid;  // not watched: it would see itself reading
  __u32 zero;
  struct vedette_opens reads;         // for nothing but reading
  struct vedette_opens failed_opens;  // no path is resolved
  __u8 calls[VEDETTE_CALLS];          // vedette_want
};

// Of one CPU. The sums close: produced = delivered + lost.
struct vedette_counters {
  __u64 produced[VEDETTE_KINDS];
  __u64 lost[VEDETTE_KINDS];
  __u64 filtered;  // wanted calls, but of no open that is
};

enum { VEDETTE_SEEN_GROUPS = 4096 };
// Bits by the number of the call: 512 of x86-64, then 512 of i386.
struct vedette_seen_calls {
  __u64 words[16];
};

enum { VEDETTE_PREFIX_MAX = 64 };
struct vedette_prefix {
  __u32 bits;  // of `text`
  char text[VEDETTE_PREFIX_MAX];
};
// NOLINTEND(readability-identifier-naming)
