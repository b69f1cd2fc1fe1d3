// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace vedette::spool {

// How long to wait after each failure in a row: twice as long each time up to a bound, and a random
// part of the last half of it less, so that many agents do not come back at the same moment.
class Backoff {
 public:
  Backoff(TimeNs first, TimeNs max, std::uint64_t seed) : first_(first), max_(max), state_(seed) {}

  void reset() { next_ = 0; }
  TimeNs next() {
    next_ = next_ == 0 ? first_ : std::min(max_, next_ * 2);
    return next_ - static_cast<TimeNs>(random() % static_cast<std::uint64_t>(next_ / 2 + 1));
  }

 private:
  // SplitMix64.
  std::uint64_t random() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  TimeNs first_;
  TimeNs max_;
  TimeNs next_ = 0;
  std::uint64_t state_;
};

}  // namespace vedette::spool
