// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vedette::event {

// What the stages of an agent count. Each event and record is in exactly one place, so the counts
// of neighbours must add up; check() says which sums.
enum class Count : std::uint8_t {
  kKernelProduced,  // records that the kernel programs made
  kMade,            // records that the sensor itself made: state at start, containers, losses
  kKernelLost,      // no room in the kernel's buffer
  kFiltered,        // no rule can match: not sent to user space
  kRead,            // taken out of the buffer
  kUndecodable,     // taken out, but not understood
  kState,           // taken out, no event: they change what is known
  kDecoded,         // put into slots
  kMatched,         // looked at by the matcher
  kAlerts,          // rules that matched
  kOffered,         // records handed to the spool: alerts, and events where asked for
  kSpooled,         // records that the spool holds or held
  kCarriedIn,       // records that were waiting in the spool when it was opened
  kSent,            // records given to the sink, every attempt counted
  kAcknowledged,    // records that the receiver has
  kTorn,            // records cut off at recovery; they were never spooled whole
  kDamaged,         // records of the spool that did not pass their checksum later
  kWaiting,         // a level: records in the spool, not yet acknowledged
};
inline constexpr std::size_t kCountCount = 18;
inline constexpr std::array<std::string_view, kCountCount> kCountNames = {
    "kernel_produced", "made",    "kernel_lost",  "filtered", "read",    "undecodable",
    "state",           "decoded", "matched",      "alerts",   "offered", "spooled",
    "carried_in",      "sent",    "acknowledged", "torn",     "damaged", "waiting"};

// Why records were given up on purpose.
enum class Dropped : std::uint8_t {
  kSpoolSize,  // the oldest, to keep the spool within its size
  kSpoolAge,   // older than the spool may hold
  kSpoolFull,  // refused by the spool: no room, and nothing may be dropped
  kRefused,    // refused by the receiver as such, for ever
};
inline constexpr std::size_t kDroppedCount = 4;
inline constexpr std::array<std::string_view, kDroppedCount> kDroppedNames = {
    "spool_size", "spool_age", "spool_full", "receiver_refused"};

// The counts at one moment.
struct LedgerSnapshot {
  std::array<std::uint64_t, kCountCount> counts{};
  std::array<std::uint64_t, kDroppedCount> dropped{};
  std::vector<std::pair<std::string, std::uint64_t>> shed;  // by policy

  std::uint64_t operator[](Count which) const { return counts[static_cast<std::size_t>(which)]; }
  std::uint64_t operator[](Dropped why) const { return dropped[static_cast<std::size_t>(why)]; }
  // Adds the counts of another ledger; of shed only those names that are here already.
  void add(const LedgerSnapshot& other);
  std::uint64_t shed_total() const;
  std::uint64_t dropped_total() const;

  // {"kernel_produced":1,…,"dropped_by_policy":{…},"shed":{…},"closes":true}; where a sum is open
  // "closes" is false and "open" says which.
  std::string to_json() const;
  // Prometheus' text format 0.0.4: vedette_agent_<name>_total; the level without the suffix.
  std::string to_prometheus() const;
};

// kRunning: work is under way between the stages, so a later stage may lag behind, but never be
// ahead (what waits is not looked at). kAtRest: everything that was begun has ended; the sums are
// equal.
enum class LedgerState : std::uint8_t { kRunning, kAtRest };

// Whether every sum closes; the error names the first that does not, with its numbers:
//   kernel_produced + made = kernel_lost + filtered + read
//   read = undecodable + shed + state + decoded
//   decoded = matched
//   offered = spooled + dropped[spool_full]
//   spooled + carried_in = acknowledged + dropped[others] + damaged + waiting
//   sent >= acknowledged
Result<void> check(const LedgerSnapshot& snapshot, LedgerState state);

// The counters. Any thread adds, once a batch; relaxed, so a snapshot under load is not one instant
// of time, and stages are read from last to first, so that a later one is never ahead.
class Ledger {
 public:
  // The names of what the resource guard may shed; add_shed() takes their index.
  explicit Ledger(std::vector<std::string> shed_names = {})
      : shed_names_(std::move(shed_names)), shed_(shed_names_.size()) {}

  void add(Count which, std::uint64_t count) {
    counts_[static_cast<std::size_t>(which)].fetch_add(count, std::memory_order_relaxed);
  }
  // Of a level.
  void set(Count which, std::uint64_t count) {
    counts_[static_cast<std::size_t>(which)].store(count, std::memory_order_relaxed);
  }
  void add(Dropped why, std::uint64_t count) {
    dropped_[static_cast<std::size_t>(why)].fetch_add(count, std::memory_order_relaxed);
  }
  void add_shed(std::size_t policy, std::uint64_t count) {
    shed_[policy].fetch_add(count, std::memory_order_relaxed);
  }
  LedgerSnapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, kCountCount> counts_{};
  std::array<std::atomic<std::uint64_t>, kDroppedCount> dropped_{};
  std::vector<std::string> shed_names_;
  std::vector<std::atomic<std::uint64_t>> shed_;
};

}  // namespace vedette::event
