// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the programs that deny look at; both sides compile this header. A denial is decided by up to
// 64 entries for each action. Each entry asks something of each property of the attempt: of its
// path, of the process's name … For each property a table gives, by the value that the attempt has,
// the set of entries (a bit each) that agree with it; the attempt is denied when some entry is in
// all of the sets. So the cost does not grow with the entries, and any combination of tests of one
// property is possible.

#include "sensor/bpf/settings.h"

// NOLINTBEGIN(readability-identifier-naming): names of C
enum vedette_action { VEDETTE_EXEC, VEDETTE_OPEN, VEDETTE_CONNECT, VEDETTE_ACTIONS };

enum {
  VEDETTE_ENTRIES = 64,     // of one action
  VEDETTE_WHOLE_MAX = 255,  // bytes of a path that is compared whole
  VEDETTE_START_MAX = 248,  // … by its start
  VEDETTE_END_MAX = 64,     // … by its end
  VEDETTE_NAME_MAX = 15     // of a process, as the kernel keeps it
};

// What is opened, or connected.
enum vedette_target_type {
  VEDETTE_TARGET_FILE,
  VEDETTE_TARGET_FOLDER,
  VEDETTE_TARGET_PIPE,
  VEDETTE_TARGET_IPV4,
  VEDETTE_TARGET_IPV6,
  VEDETTE_TARGET_UNIX,
  VEDETTE_TARGET_OTHER,
  VEDETTE_TARGETS = 8
};

// A set of entries for each action.
struct vedette_entries {
  __u64 of[VEDETTE_ACTIONS];
};

// Keys. Texts are filled up with zeros.
struct vedette_whole {
  char text[VEDETTE_WHOLE_MAX + 1];
};
struct vedette_start {
  __u32 bits;  // of `text`
  char text[VEDETTE_START_MAX];
};
struct vedette_end {
  __u32 bits;
  char text[VEDETTE_END_MAX];  // backwards
};
struct vedette_name {
  char text[VEDETTE_NAME_MAX + 1];
};
struct vedette_network {
  __u32 bits;
  __u8 address[16];  // IPv4 as IPv6 maps it
};

// The entries that agree with values that no table lists, and with those of small sets.
struct vedette_enforcement {
  struct vedette_entries all;  // that are in use
  struct vedette_entries host;
  struct vedette_entries start, end;  // of the path
  struct vedette_entries exe;         // of the process that opens or connects, whole
  struct vedette_entries name, parent_name;
  struct vedette_entries network, port;
  struct vedette_entries no_network, no_port;  // of what has no address
  struct vedette_entries access[4];            // by O_ACCMODE
  struct vedette_entries created;  // files made by a call whose access is not known: any
  struct vedette_entries type[VEDETTE_TARGETS];
  __u32 ends;        // some entry asks for the path's end
  __u32 exes;        // … for the process's own program
  __u32 own_pid;     // is never denied anything: it has to see what happens
  __u32 deciders;    // memories for decisions, see enforce.h
  __u32 decider_at;  // the first of them
  __u32 zero;
};
// NOLINTEND(readability-identifier-naming)
