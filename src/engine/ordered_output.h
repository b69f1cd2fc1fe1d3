// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "detect/correlator.h"
#include "engine/batch_worker.h"
#include "engine/detect_run.h"
#include "event/sink.h"
#include "event/source.h"

namespace vedette::engine {

// A batch and what it gave; moves from thread to thread.
struct Work {
  event::Batch batch;
  BatchResult result;
};

// Brings the results of batches, finished in any order by many threads, back into the order of
// their sequence numbers and hands them on: alerts to the sinks, base matches to the correlator,
// counts to the summary. Bounded: there are only so many Works, and a thread waits for a free one
// before it takes a batch.
class OrderedOutput {
 public:
  // All arguments outlive it. `correlator` may be null.
  OrderedOutput(const rules::RuleSet& rules, detect::Correlator* correlator,
                const std::vector<event::Sink*>& sinks, std::size_t works);

  // Goes on where another one of the same source, with other rules, stands: sequence, places and
  // counts, but not those of its rules. Before the first acquire().
  void take_over(const OrderedOutput& earlier);

  // Blocks until a Work is free.
  std::unique_ptr<Work> acquire();
  // Gives back a Work that was not used.
  void release(std::unique_ptr<Work> work);
  // Hands in a finished Work; results whose turn it is are written before this returns.
  void submit(std::unique_ptr<Work> work);

  // Called with the counts so far, at most every 200 ms, by the thread that writes.
  void on_progress(std::function<void(std::uint64_t events, std::uint64_t alerts)> report);

  // After all threads ended: lets the correlator decide what waits. The first error of a sink, if
  // any.
  Result<void> finish();
  bool failed() const;

  const event::Summary& counts() const { return summary_; }
  const std::vector<std::uint64_t>& rule_hits() const { return rule_hits_; }
  const std::vector<std::uint64_t>& correlation_hits() const { return correlation_hits_; }
  // By Input::index; what reading found is added by the caller.
  const std::vector<event::InputReport>& reports() const { return reports_; }

 private:
  void write(Work& work);
  void write_alert(const event::Alert& alert);
  void report_progress();

  detect::Correlator* correlator_;
  const std::vector<event::Sink*>& sinks_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Work>> free_;
  std::map<std::uint64_t, std::unique_ptr<Work>> waiting_;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t record_base_ = 0;  // records of the current input before the batch at hand
  std::uint32_t current_input_ = 0xFFFFFFFF;
  event::Summary summary_;
  std::vector<event::InputReport> reports_;
  std::vector<std::uint64_t> rule_hits_;
  std::vector<std::uint64_t> correlation_hits_;
  std::map<const event::RuleInfo*, std::size_t> correlation_index_;
  std::optional<Error> error_;
  std::function<void(std::uint64_t, std::uint64_t)> progress_;
  std::uint64_t progress_at_ = 0;  // steady clock, ms
};

}  // namespace vedette::engine
