// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/live/watch_run.h"
#include "event/source.h"

namespace vedette::engine {

struct LiveOptions {
  std::size_t ring_bytes = std::size_t{4} << 20;  // a power of two
  std::int64_t identity_wait_ns =
      0;  // how long events wait for what their container's runtime says
};

// What a live source has counted so far. produced + made = lost + filtered + read, exactly once it
// has ended; before that what waits in the kernel is on the left side only.
struct LiveCounts {
  std::uint64_t produced = 0;  // records that the kernel programs made, those kept back included
  std::uint64_t made = 0;      // records that the source itself made, such as the state at start
  std::uint64_t lost = 0;      // no room between kernel and program
  std::uint64_t filtered = 0;  // kept back by a filter in the kernel
  std::uint64_t read = 0;      // handed to this program
};

// A source that goes on for as long as it is let. As any Source one thread uses it.
class LiveSource : public event::Source {
 public:
  virtual LiveCounts counts() const = 0;
  // Other events from now on; what both ask for is not interrupted.
  virtual Result<void> set_interest(const Interest& interest) = 0;
};

// The kernel of this machine, with events of new containers held back until their runtime has
// answered. Ends when `stop`, which outlives it, is set.
Result<std::unique_ptr<LiveSource>> open_kernel(const Interest& interest,
                                                const LiveOptions& options,
                                                const std::atomic<bool>& stop);

}  // namespace vedette::engine
