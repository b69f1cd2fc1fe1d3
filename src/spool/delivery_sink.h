// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "spool/record.h"

namespace vedette::spool {

// What became of the records that a sink was given.
struct SendResult {
  std::size_t done = 0;        // the first so many need not be sent again …
  std::size_t refused = 0;     // … of which the receiver refused so many, for ever
  std::optional<Error> error;  // why the others are not done
  TimeNs retry_after = 0;      // when the receiver named a time
  bool smaller = false;        // try fewer at once: too large, or one of them is not acceptable

  static SendResult all(std::size_t count) { return {count, 0, std::nullopt, 0, false}; }
  static SendResult failed(std::size_t done, Error error) {
    return {done, 0, std::move(error), 0, false};
  }
};

// Where records go. Used by one thread. A sink opens no connection before the first send() or
// resume(), bounds the time of each call, and goes back to nothing after an error, so that the next
// call begins anew. When to try again is decided by Delivery.
class DeliverySink {
 public:
  virtual ~DeliverySink() = default;
  // For messages: "http https://host/path".
  virtual std::string_view name() const = 0;
  // At least one record. `instance` with a record's sequence is its id (spool/record.h).
  virtual SendResult send(std::string_view instance, std::span<const Record> records) = 0;
  // Asks a receiver that remembers: the last sequence that it has of this spool, nothing when it
  // does not say. Asked once, before the first send.
  virtual Result<std::optional<std::uint64_t>> resume(std::string_view instance) {
    static_cast<void>(instance);
    return std::optional<std::uint64_t>();
  }
};

}  // namespace vedette::spool
