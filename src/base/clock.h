// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/time.h"

namespace vedette {

// What time it is, as a parameter, so that tests decide it. Safe to be asked from several threads.
class Clock {
 public:
  virtual ~Clock() = default;
  // Since 1970, for people and for ages that outlive the process; may jump.
  virtual TimeNs now() const = 0;
  // Since some unknown moment, for intervals and deadlines; never goes back.
  virtual TimeNs steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimeNs now() const override { return count(std::chrono::system_clock::now()); }
  TimeNs steady() const override { return count(std::chrono::steady_clock::now()); }

 private:
  template <typename Moment>
  static TimeNs count(Moment moment) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count();
  }
};

}  // namespace vedette
