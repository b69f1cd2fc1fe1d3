// SPDX-License-Identifier: Apache-2.0
#include "spool/delivery.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace vedette::spool {

Delivery::Step Delivery::step() {
  if (!resumed_) {
    Result<std::optional<std::uint64_t>> known = sink_.resume(spool_.instance());
    if (!known.has_value()) return failed(std::move(known).error(), 0);
    if (known->has_value()) {
      const Result<std::uint64_t> spared = spool_.advance_to(**known);
      if (!spared.has_value()) return failed(spared.error(), 0);
    }
    resumed_ = true;
  }
  if (done_ == batch_.records.size()) {
    done_ = 0;
    const Result<void> read = spool_.read(batch_, count_max_, options_.batch_bytes_max);
    if (!read.has_value()) return failed(read.error(), 0);
    if (batch_.records.empty()) return {Outcome::kIdle, 0};
  }
  const std::size_t count = std::min(count_max_, batch_.records.size() - done_);
  ledger_.add(event::Count::kSent, count);
  const auto records = std::span<const Record>(batch_.records).subspan(done_, count);
  SendResult result = sink_.send(spool_.instance(), records);
  result.done = std::min(result.done, count);
  if (result.done > 0) {
    const Result<void> noted =
        spool_.acknowledge(records[result.done - 1].sequence, result.refused);
    done_ += result.done;
    if (!noted.has_value()) return failed(noted.error(), 0);
  }
  if (result.smaller && count > 1) {
    count_max_ = count / 2;
    return {Outcome::kSent, 0};
  }
  if (result.error.has_value()) return failed(*std::move(result.error), result.retry_after);
  count_max_ = std::min(options_.batch_count_max, count_max_ * 2);
  succeeded();
  return {Outcome::kSent, 0};
}

Delivery::Step Delivery::failed(Error error, TimeNs retry_after) {
  {
    const std::lock_guard lock(mutex_);
    status_.connected = false;
    ++status_.failures;
    ++status_.failures_row;
    status_.problem = std::move(error.message);
  }
  return {Outcome::kFailed,
          std::max(backoff_.next(), std::min(retry_after, options_.retry_after_max))};
}

void Delivery::succeeded() {
  backoff_.reset();
  const std::lock_guard lock(mutex_);
  status_.connected = true;
  status_.failures_row = 0;
  status_.problem.clear();
  status_.last_success = clock_.now();
}

void Delivery::run(const std::stop_token& stop) {
  constexpr TimeNs kIdle = kNsPerSecond;
  std::mutex sleeping;
  std::condition_variable_any alarm;
  const std::stop_callback on_stop(stop, [this] { spool_.wake(); });
  while (!stop.stop_requested()) {
    const Step made = step();
    if (made.outcome == Outcome::kIdle) spool_.wait(kIdle);
    if (made.outcome == Outcome::kFailed) {
      std::unique_lock lock(sleeping);
      alarm.wait_for(lock, stop, std::chrono::nanoseconds(made.wait), [] { return false; });
    }
  }
  const TimeNs end = clock_.steady() + options_.drain_max;
  while (clock_.steady() < end && step().outcome == Outcome::kSent) {
  }
}

DeliveryStatus Delivery::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace vedette::spool
