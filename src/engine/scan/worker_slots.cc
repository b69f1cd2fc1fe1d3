// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/worker_slots.h"

#include <algorithm>

#include "base/result.h"

namespace vedette::engine {

WorkerSlots::WorkerSlots(unsigned count, bool notes_spans)
    : notes_spans_(notes_spans),
      is_free_(std::max(1U, count), true),
      free_count_(std::max(1U, count)),
      waiting_(kStagesMax, 0),
      work_ns_(kStagesMax, 0) {}

bool WorkerSlots::may_take(std::uint32_t stage) const {
  return free_count_ != 0 && !is_awaited(stage);
}

void WorkerSlots::note_waiting(std::uint32_t stage) {
  const std::uint64_t bit = std::uint64_t{1} << stage;
  if (waiting_[stage] != 0) {
    waiting_stages_.fetch_or(bit, std::memory_order_relaxed);
  } else {
    waiting_stages_.fetch_and(~bit, std::memory_order_relaxed);
  }
}

unsigned WorkerSlots::take(std::uint32_t stage) {
  CHECK(stage < kStagesMax);
  std::unique_lock lock(mutex_);
  ++waiting_[stage];
  note_waiting(stage);
  freed_.wait(lock, [this, stage] { return may_take(stage); });
  --waiting_[stage];
  note_waiting(stage);
  --free_count_;
  const auto free = std::ranges::find(is_free_, true);
  *free = false;
  // The next of the stages may have waited for this one only.
  if (free_count_ != 0) freed_.notify_all();
  return static_cast<unsigned>(free - is_free_.begin());
}

void WorkerSlots::give_back(std::uint32_t stage, unsigned slot, std::int64_t begin_ns,
                            std::int64_t end_ns) {
  {
    const std::lock_guard lock(mutex_);
    is_free_[slot] = true;
    ++free_count_;
    work_ns_[stage] += end_ns - begin_ns;
    if (notes_spans_ && spans_.size() < kSpansMax) {
      spans_.push_back({stage, slot, begin_ns, end_ns});
    } else if (notes_spans_) {
      ++spans_lost_;
    }
  }
  freed_.notify_all();
}

double WorkerSlots::work_seconds(std::uint32_t stage) const {
  const std::lock_guard lock(mutex_);
  return static_cast<double>(work_ns_[stage]) / 1e9;
}

}  // namespace vedette::engine
