// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.h"
#include "sensor/enforcement.h"

struct bpf_object;

// The part of the kernel programs that denies. For kernel_programs.cc, which loads and attaches
// them.
namespace vedette::sensor {

// Before loading: leaves the programs and their tables out where `table` is null.
void choose_enforcement(bpf_object* object, const EnforcementTable* table, int cpus);

// Between loading and attaching.
Result<void> fill_enforcement(bpf_object* object, const EnforcementTable& table, __u32 own_pid,
                              int cpus);

// After attaching: whether the kernel asks the programs at all. It takes them, and never asks, when
// it was started without them in its list of security modules.
Result<void> check_enforcement(bpf_object* object);

// What is in force for processes of a container's control group; without `sets` it is one of the
// host's.
Result<void> set_enforced_cgroup(bpf_object* object, std::uint64_t cgroup, const EntrySets* sets);

// What to do where the kernel refuses.
Error enforcement_refused(int error);

}  // namespace vedette::sensor
