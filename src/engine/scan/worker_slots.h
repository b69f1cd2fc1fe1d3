// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "event/stage.h"

namespace vedette::engine {

// What makes several scans that run at once one pool of workers: a thread takes a slot for each
// piece of its work, and there are as many slots as threads that shall work at once. A free slot
// goes to the first of the stages that wait. Whoever holds a slot must not wait for somebody who
// needs one, and gives way now and then where its piece is long (WorkTurn::give_way()). Any thread.
class WorkerSlots {
 public:
  static constexpr std::size_t kStagesMax = 64;
  // Of pieces that are noted; what comes behind is only counted.
  static constexpr std::size_t kSpansMax = 1'000'000;

  // `notes_spans`: for a trace.
  WorkerSlots(unsigned count, bool notes_spans);

  // `stage` below kStagesMax. Answers which slot.
  unsigned take(std::uint32_t stage);
  void give_back(std::uint32_t stage, unsigned slot, std::int64_t begin_ns, std::int64_t end_ns);
  // Whether a stage before this one waits. Costs one load.
  bool is_awaited(std::uint32_t stage) const {
    const std::uint64_t before = (std::uint64_t{1} << stage) - 1;
    return (waiting_stages_.load(std::memory_order_relaxed) & before) != 0;
  }

  std::int64_t now_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                begin_)
        .count();
  }
  unsigned count() const { return static_cast<unsigned>(is_free_.size()); }
  double work_seconds(std::uint32_t stage) const;
  // When no other thread uses this.
  const std::vector<event::StageSpan>& spans() const { return spans_; }
  std::uint64_t spans_lost() const { return spans_lost_; }

 private:
  bool may_take(std::uint32_t stage) const;
  void note_waiting(std::uint32_t stage);

  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const bool notes_spans_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable freed_;
  std::vector<bool> is_free_;
  unsigned free_count_;
  std::vector<unsigned> waiting_;                  // by stage
  std::atomic<std::uint64_t> waiting_stages_ = 0;  // a bit each; written under the mutex
  std::vector<std::int64_t> work_ns_;
  std::vector<event::StageSpan> spans_;
  std::uint64_t spans_lost_ = 0;
};

// The share of one scan, which is a stage. No slots: its threads never wait.
struct StageSlots {
  WorkerSlots* slots = nullptr;  // outlives the scan
  std::uint32_t stage = 0;
};

// A piece of work, from its making to its end.
class WorkTurn {
 public:
  explicit WorkTurn(const StageSlots& share) : share_(share) {
    if (share_.slots != nullptr) begin();
  }
  ~WorkTurn() {
    if (share_.slots != nullptr) end();
  }
  // Lets stages before this one go first, where any waits.
  void give_way() {
    if (share_.slots == nullptr || !share_.slots->is_awaited(share_.stage)) return;
    end();
    begin();
  }
  WorkTurn(const WorkTurn&) = delete;
  WorkTurn& operator=(const WorkTurn&) = delete;

 private:
  void begin() {
    slot_ = share_.slots->take(share_.stage);
    begin_ns_ = share_.slots->now_ns();
  }
  void end() { share_.slots->give_back(share_.stage, slot_, begin_ns_, share_.slots->now_ns()); }

  const StageSlots share_;
  unsigned slot_ = 0;
  std::int64_t begin_ns_ = 0;
};

}  // namespace vedette::engine
