// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/watch_run.h"
#include "event/source.h"

namespace vedette::engine {

struct LiveOptions {
  std::size_t ring_bytes = std::size_t{8} << 20;  // a power of two
  std::int64_t identity_wait_ns =
      0;  // how long events wait for what their container's runtime says
};

// The kernel of this machine, with events of new containers held back until their runtime has
// answered. Ends when `stop`, which outlives it, is set.
Result<std::unique_ptr<event::Source>> open_kernel(const Interest& interest,
                                                   const LiveOptions& options,
                                                   const std::atomic<bool>& stop);

}  // namespace vedette::engine
