// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/source.h"
#include "formats/kernel/record_layout.h"
#include "formats/kernel/record_reader.h"
#include "sensor/containers.h"
#include "sensor/kernel_programs.h"

namespace vedette::sensor {

// A system call that some rule can match.
struct WantedCall {
  std::uint32_t number = 0;  // on x86-64; i386 calls and io_uring that do the same are included
  bool successes = true;
  bool failures = true;
  bool urgent = false;  // wake the reader at once
};

// Opens that are told: those that one of these names.
struct WantedOpens {
  bool all = true;
  bool with_parents = false;  // the path as it was given holds ".."
  // Of the resolved path, seen from the root of the process; their first 64 bytes count.
  std::vector<std::string> path_prefixes = {};
  std::vector<std::string> programs =
      {};  // names of the process, as /proc/PID/comm has them; at most 8
};

// What is sent at all: derived from the rules that are loaded.
struct KernelWishes {
  std::vector<vedette_kind> kinds;  // SYSCALL follows from `calls`
  std::vector<vedette_kind> urgent_kinds;
  std::vector<WantedCall> calls;
  // Of what open and openat open for nothing but reading.
  WantedOpens reads;
  // Of what open and openat cannot open; has no path_prefixes.
  WantedOpens failed_opens;

  // Tell which system calls each control group does at all (CALLS_SEEN). Taken at the start only.
  bool calls_seen = false;

  // Every kind, and every call that the sensor knows the meaning of.
  static KernelWishes everything();
};

struct KernelSourceOptions {
  KernelWishes wishes = KernelWishes::everything();
  std::size_t ring_bytes = std::size_t{4} << 20;  // a power of two
  std::size_t batch_bytes = std::size_t{1} << 20;
  std::uint32_t arguments_max = 16384;
  std::uint32_t environment_max = 16384;
  bool state_at_start = true;
  bool watch_self = false;  // the process that runs the sensor is not told of, but for tests
  RuntimeFolders runtimes;
  // What the kernel denies; null: nothing. Where it cannot, create() fails and says what to do.
  std::shared_ptr<const EnforcementTable> enforcement;
  const std::atomic<bool>* stop = nullptr;  // ends the source; outlives it
};

// Of all so far. The ledger closes by kind: produced = delivered + lost, exactly once the source
// has ended, and at any moment when what waits in the ring is counted in.
struct KernelStatistics {
  using Counts = std::array<std::uint64_t, VEDETTE_KINDS>;
  Counts produced = {};        // by the kernel
  Counts reserve_failed = {};  // of those: no room in the ring
  Counts delivered = {};       // of those: handed on by next()
  std::uint64_t filtered = 0;  // opens that no rule asks for, not counted as produced
  std::uint64_t not_run = 0;   // programs that the kernel did not run; see KernelCounters
  std::uint64_t made = 0;      // records that the source itself made
  std::uint64_t bytes = 0;     // delivered, of all kinds
  std::uint64_t wakeups = 0;   // by the kernel, and not by the clock
};

// The live kernel as a source of events: HOST, accounts, control groups, containers, processes,
// open files, STARTED; then what happens. One thread. Loading needs root, or CAP_BPF, CAP_PERFMON
// and what /proc asks for.
class KernelSource : public event::Source {
 public:
  // The error says what the kernel refused and what to do. What happens from here on is not missed.
  static Result<std::unique_ptr<KernelSource>> create(const KernelSourceOptions& options);

  // Waits up to 14 ms for the kernel; the batch may be empty. False once `stop` was set and all
  // that had been produced is handed on.
  bool next(event::Batch& batch) override;
  const std::vector<event::InputReport>& reports() const override { return reports_; }
  std::uint64_t bytes_total() const override { return 0; }
  std::uint64_t bytes_read() const override { return statistics_.bytes; }

  // Takes effect at once, without losing what old and new wishes have in common.
  Result<void> set_wishes(const KernelWishes& wishes);
  // What is in force for processes of a container's control group, as soon as somebody knows the
  // container; null: what is for the host's. Only with `enforcement`.
  Result<void> set_enforced(std::uint64_t cgroup, const EntrySets* sets);
  KernelStatistics statistics() const;

 private:
  KernelSource(const KernelSourceOptions& options, std::unique_ptr<KernelPrograms> programs);

  void write_state();
  void hand_on(event::Batch& batch);
  bool take(std::string_view record, event::Batch& batch);
  void take_made(event::Batch& batch);
  void report_losses();
  void report_calls(std::uint64_t cgroup);
  void report_all_calls();

  KernelSourceOptions options_;
  std::unique_ptr<KernelPrograms> programs_;
  std::shared_ptr<const event::Input> input_;
  std::vector<event::InputReport> reports_;
  Containers containers_;
  formats::kernel::RecordReader reader_;
  std::string made_;           // records of our own, not yet handed on
  std::size_t made_used_ = 0;  // of made_: handed on
  std::uint64_t sequence_ = 0;
  KernelStatistics statistics_;
  KernelStatistics::Counts losses_told_ = {};
  std::uint64_t not_run_told_ = 0;
  std::int64_t losses_looked_ms_ = 0;
  std::map<std::uint64_t, vedette_seen_calls> calls_told_;  // by control group
  std::int64_t calls_looked_ms_ = 0;
  bool stopping_ = false;
  bool ended_ = false;
};

}  // namespace vedette::sensor
