// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace vedette::engine {

// What the process may still do once it has started. Everything else is given up for good. All but
// the system call filter is a property of a thread that its later threads inherit: so this comes
// before other threads are started.
struct Confinement {
  // Linux capability numbers to keep in the permitted and effective sets (CAP_BPF is 39); none are
  // inheritable or ambient, and the bounding set loses the others.
  std::vector<int> capabilities;
  // Paths, with all below, by what Landlock allows there. A path that does not exist is left out
  // and said so. Files that are open already stay open.
  std::vector<std::string> readable;
  // False: any file may be read; `readable` plays no part. For whoever looks into containers, whose
  // files lie below no path that is known beforehand.
  bool restricts_reading = true;
  std::vector<std::string> writable;  // read, written, made, renamed and removed below it
  // Whether TCP connections may be made; a listening socket may never be bound anew.
  bool connects = true;
};

// One measure and what became of it.
struct ConfinementStep {
  std::string measure;  // "no_new_privs", "capabilities", "landlock", "seccomp"
  bool applied = false;
  std::string detail;  // what of it is in force, or why not
};

struct ConfinementReport {
  std::vector<ConfinementStep> steps;
  bool complete() const;
  std::string to_string() const;  // one line a step
};

// Tries each measure that this kernel offers, in the order in which they need each other: a
// measure that is missing is reported and the others are applied. It is the caller's decision
// whether the agent goes on. To be called by the main thread once everything that needs privileges
// is open (kernel programs loaded, rings open) and before it starts other threads.
//
// The system call filter is an allow-list for the steady state; what is not on it fails with EPERM,
// and what no agent ever does (executing a program, tracing, mounting, loading modules or programs
// into the kernel anew) kills the process, as only an attacker in it would try.
ConfinementReport confine(const Confinement& confinement);

// The parts, for tests.
ConfinementStep forbid_new_privileges();
ConfinementStep drop_capabilities(const std::vector<int>& kept);
ConfinementStep restrict_files(const Confinement& confinement);
ConfinementStep filter_system_calls(bool connects);

}  // namespace vedette::engine
