// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sensor/bpf/settings.h"
#include "sensor/enforcement.h"

namespace vedette::sensor {

struct ProgramOptions {
  std::size_t ring_bytes = std::size_t{4} << 20;  // a power of two
  std::uint32_t wake_bytes = std::uint32_t{256} << 10;
  std::uint32_t arguments_max = 16384;
  std::uint32_t environment_max = 16384;
  vedette_filter filter = {};
  std::vector<std::string> prefixes;  // of paths; empty: all
  bool watch_self = false;            // tests do what they look for
  bool note_calls = false;            // seen_calls() has something to tell
  // What is denied; null: nothing. Only looked at by load().
  const EnforcementTable* enforcement = nullptr;
};

// Numbers of all CPUs.
struct KernelCounters {
  std::uint64_t produced[VEDETTE_KINDS] = {};
  std::uint64_t lost[VEDETTE_KINDS] = {};
  std::uint64_t filtered = 0;
  // Runs of a program that the kernel left out because it was already running on that CPU.
  std::uint64_t not_run = 0;
};

// The programs in the kernel, loaded and attached; the only place that knows libbpf. Whoever has
// root, or CAP_BPF and CAP_PERFMON, may load them. Not thread-safe. They end with the object.
class KernelPrograms {
 public:
  enum class Iterator : std::uint8_t { kTasks, kFiles };

  // The error says what the kernel refused, or that this build has no programs.
  static Result<std::unique_ptr<KernelPrograms>> load(const ProgramOptions& options);

  virtual ~KernelPrograms() = default;

  // Takes effect at once.
  virtual Result<void> set_filter(const vedette_filter& filter,
                                  const std::vector<std::string>& prefixes) = 0;
  // What is in force for processes of a container's control group; null: what is for the host's.
  virtual Result<void> set_enforced(std::uint64_t cgroup, const EntrySets* sets) = 0;
  // Waits for a wake-up, but not longer than `timeout_ms`. True when there was one.
  virtual bool wait(int timeout_ms) = 0;
  // Hands out waiting records, oldest first, until there is none or `take` answers false (it has
  // got that last one). The bytes are read-only and end with the call.
  virtual void consume(const std::function<bool(std::string_view)>& take) = 0;
  // Records of what exists now.
  virtual Result<std::string> read(Iterator iterator) = 0;
  virtual KernelCounters counters() const = 0;
  // The control groups that did system calls since the start, and which; nothing unless
  // ProgramOptions::note_calls.
  virtual std::vector<std::uint64_t> groups_with_calls() const = 0;
  virtual std::optional<vedette_seen_calls> seen_calls(std::uint64_t cgroup) const = 0;
  virtual void forget_calls(std::uint64_t cgroup) = 0;
  // No more records are made; those that wait can still be read.
  virtual void detach() = 0;
};

}  // namespace vedette::sensor
