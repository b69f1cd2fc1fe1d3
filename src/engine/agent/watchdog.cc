// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/watchdog.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace vedette::engine {

void Watchdog::look() const {
  for (const Stage& stage : stages_) {
    const TimeNs since = stage.busy_since();
    if (since == 0) continue;
    const TimeNs busy = clock_.steady() - since;
    if (busy > limit_) on_stuck_(stage.name, busy);
  }
}

void Watchdog::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex sleeping;
    std::condition_variable_any alarm;
    while (!stop.stop_requested()) {
      look();
      std::unique_lock lock(sleeping);
      alarm.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    }
  });
}

}  // namespace vedette::engine
