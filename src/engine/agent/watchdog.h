// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace vedette::engine {

// Looks whether every stage moves. A stage says since when its present step is under way; one that
// takes longer than the limit is stuck, and nothing inside of a process can end a stuck system
// call: so `on_stuck` is called with its name, usually to end the process, whose spools keep what
// was not acknowledged and which is then started anew.
class Watchdog {
 public:
  struct Stage {
    std::string name;
    std::function<TimeNs()> busy_since;  // Clock::steady(); 0: it waits for work
  };

  // `clock` outlives it.
  Watchdog(TimeNs limit, std::vector<Stage> stages, const Clock& clock,
           std::function<void(const std::string& stage, TimeNs busy)> on_stuck)
      : limit_(limit), stages_(std::move(stages)), clock_(clock), on_stuck_(std::move(on_stuck)) {}

  // Looks once.
  void look() const;
  // Looks every so often in a thread of its own, until the object ends.
  void start();

 private:
  TimeNs limit_;
  std::vector<Stage> stages_;
  const Clock& clock_;
  std::function<void(const std::string&, TimeNs)> on_stuck_;
  std::jthread thread_;
};

}  // namespace vedette::engine
