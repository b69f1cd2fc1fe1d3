// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vedette::engine {

struct ResourceLimits {
  double cpu_max = 0;                  // of one core, 0.25 is a quarter; 0: none
  std::uint64_t memory_bytes_max = 0;  // resident; 0: none
};

// What the process has used so far.
struct ResourceUse {
  TimeNs cpu = 0;  // user and system, of all threads
  std::uint64_t memory_bytes = 0;
};

// From the texts of /proc/self/stat and /proc/self/statm.
Result<ResourceUse> parse_resource_use(const std::string& stat, const std::string& statm,
                                       std::int64_t ticks_per_second, std::int64_t page_bytes);
Result<ResourceUse> read_resource_use();

// What the guard changed at one sample, for the ledger and for an event that says so.
struct ShedDecision {
  bool shed = false;     // true: this kind is shed from now on; false: it is kept again
  std::size_t kind = 0;  // index into the names that the guard was given
  std::string reason;    // "cpu 31.0 % of a core is above 25.0 %"
};

// Keeps the agent within its limits by giving up kinds of events that matter least, one after the
// other, and taking them back, last first, when there is room again. It decides; the caller sheds,
// counts (Ledger::add_shed) and emits an event for each decision, so nothing is given up silently.
//
// A limit must be passed in kOver samples in a row before a kind is shed, and use must stay below
// kRoom of the limit for kCalm samples in a row before one is taken back; both counts begin anew
// after each decision, so one kind changes at a time and its effect is seen before the next.
class ResourceGuard {
 public:
  static constexpr int kOver = 3;
  static constexpr int kCalm = 10;
  static constexpr double kRoom = 0.7;

  using Reader = std::function<Result<ResourceUse>()>;

  // `kinds` from least to most valuable; `clock` outlives the guard.
  ResourceGuard(const ResourceLimits& limits, std::vector<std::string> kinds, Reader reader,
                const Clock& clock)
      : limits_(limits), kinds_(std::move(kinds)), reader_(std::move(reader)), clock_(clock) {}

  // To be called about once a second. An error is the reader's; then nothing is decided.
  Result<std::optional<ShedDecision>> sample();

  // Other limits from now on; what is shed stays so until there is room.
  void set_limits(const ResourceLimits& limits) { limits_ = limits; }

  bool sheds(std::size_t kind) const { return kind < shed_count_; }
  const std::vector<std::string>& kinds() const { return kinds_; }
  // At the last sample.
  double cpu() const { return cpu_; }
  std::uint64_t memory_bytes() const { return memory_bytes_; }
  // Everything is shed and a limit is still passed: for the agent's status.
  bool exhausted() const { return exhausted_; }

 private:
  std::string excess() const;  // which limit is passed; empty when none
  bool has_room() const;

  ResourceLimits limits_;
  std::vector<std::string> kinds_;
  Reader reader_;
  const Clock& clock_;
  std::size_t shed_count_ = 0;
  std::optional<ResourceUse> before_;
  TimeNs before_time_ = 0;
  double cpu_ = 0;
  std::uint64_t memory_bytes_ = 0;
  int over_ = 0;
  int calm_ = 0;
  bool exhausted_ = false;
};

}  // namespace vedette::engine
