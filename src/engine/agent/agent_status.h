// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/agent/outlet.h"
#include "engine/agent/self_confinement.h"
#include "event/ledger.h"

namespace vedette::engine {

// What an agent says about itself at one moment.
struct AgentStatus {
  std::string version;  // of the program
  std::string host;
  std::string config;  // path
  std::uint64_t pid = 0;
  TimeNs started = 0;  // since 1970
  TimeNs now = 0;
  std::string rule_version;
  std::uint64_t rules_loaded = 0;
  std::uint64_t rules_refused = 0;
  std::string last_reload;  // "none", "2026-11-25 10:00:00 done", "… refused: why"
  std::uint64_t reloads = 0;
  double cpu = 0;  // of one core, over the last second
  double cpu_max = 0;
  std::uint64_t memory_bytes = 0;  // resident
  std::uint64_t memory_max = 0;
  std::vector<std::string> shedding;
  bool exhausted = false;
  event::LedgerSnapshot ledger;  // of the pipeline and all outlets together
  event::LedgerSnapshot rates;   // counts a second, over the last ten seconds
  std::vector<OutletStatus> outlets;
  ConfinementReport confinement;

  // One object; docs/agent.md lists the keys.
  std::string to_json() const;
  std::string to_prometheus() const;
  // A page for people.
  std::string to_text() const;
};

// Counts of the last ten seconds.
class RateWindow {
 public:
  // To be called about once a second; `time` of a clock that does not go back.
  void add(TimeNs time, const event::LedgerSnapshot& snapshot);
  // Per second, rounded; zero while there is one sample only.
  event::LedgerSnapshot rates() const;

 private:
  static constexpr std::size_t kSamples = 11;
  std::deque<std::pair<TimeNs, event::LedgerSnapshot>> samples_;
};

}  // namespace vedette::engine
