// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/batch_worker.h"
#include "engine/live/watch_run.h"
#include "event/batch.h"

namespace vedette::engine {

// Sees each batch of a watch, behind the rules, and may add alerts of its own. Called by the thread
// of watch() only, in the order of the batches.
class BatchObserver {
 public:
  virtual ~BatchObserver() = default;
  // Adds what it asks the kernel for.
  virtual void ask(Interest& interest) const = 0;
  // Alerts go to result.observed; their text lies in result.arena or the batch, and what
  // Alert::rule points to outlives the sinks' end. record and offset count within the batch.
  virtual void see(const event::Batch& batch, BatchResult& result) = 0;
};

}  // namespace vedette::engine
