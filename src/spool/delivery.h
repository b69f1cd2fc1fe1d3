// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "event/ledger.h"
#include "spool/backoff.h"
#include "spool/delivery_sink.h"
#include "spool/spool.h"

namespace vedette::spool {

struct DeliveryOptions {
  std::size_t batch_count_max = 500;
  std::size_t batch_bytes_max = std::size_t{256} << 10;
  TimeNs retry_first = kNsPerSecond / 5;
  TimeNs retry_max = 60 * kNsPerSecond;
  TimeNs retry_after_max = 600 * kNsPerSecond;  // of what a receiver may ask for
  TimeNs drain_max = 2 * kNsPerSecond;          // after a stop, to send what is waiting
  std::uint64_t seed = 1;                       // of the jitter
};

struct DeliveryStatus {
  bool connected = false;          // the last attempt succeeded
  std::uint64_t failures = 0;      // in all
  std::uint64_t failures_row = 0;  // since the last success
  std::string problem;             // of the last failure since the last success
  TimeNs last_success = 0;         // Clock::now()
};

// Takes records from a spool to a sink, in order, for as long as it takes: the reader of the spool.
// At most one batch is on its way; its acknowledgement is noted in the position file before the
// next is sent. So after a crash at most that batch is sent again, and not even that to a receiver
// that answers DeliverySink::resume().
class Delivery {
 public:
  enum class Outcome : std::uint8_t { kSent, kIdle, kFailed };
  struct Step {
    Outcome outcome = Outcome::kIdle;
    TimeNs wait = 0;  // of kFailed: before the next step
  };

  // All outlive it.
  Delivery(Spool& spool, DeliverySink& sink, event::Ledger& ledger, const Clock& clock,
           const DeliveryOptions& options)
      : spool_(spool),
        sink_(sink),
        ledger_(ledger),
        clock_(clock),
        options_(options),
        backoff_(options.retry_first, options.retry_max, options.seed),
        count_max_(options.batch_count_max) {}

  // One attempt; for run() and for tests, which so need no time.
  Step step();
  // Steps until a stop is asked for, then sends what is waiting as long as that succeeds, for at
  // most drain_max. What is left stays in the spool.
  void run(const std::stop_token& stop);

  DeliveryStatus status() const;

 private:
  Step failed(Error error, TimeNs retry_after);
  void succeeded();

  Spool& spool_;
  DeliverySink& sink_;
  event::Ledger& ledger_;
  const Clock& clock_;
  DeliveryOptions options_;
  Backoff backoff_;
  bool resumed_ = false;
  RecordBatch batch_;
  std::size_t done_ = 0;  // records of batch_ that are acknowledged
  std::size_t count_max_;

  mutable std::mutex mutex_;  // protects status_
  DeliveryStatus status_;
};

}  // namespace vedette::spool
