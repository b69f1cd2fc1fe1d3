// SPDX-License-Identifier: Apache-2.0
#include "sensor/bpf/enforce.h"

// The kernel wants to hear of GPL before it lets a program read its memory.
char _license[] SEC("license") = "GPL";
