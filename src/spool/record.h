// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "event/alert.h"

namespace vedette::spool {

// What a record is, for sinks that sort by it. The numbers are stored.
enum class RecordKind : std::uint8_t {
  kAlert = 0,
  kEvent = 1,
  kLoss = 2,  // an event that reports that events were lost
};
inline constexpr std::array<std::string_view, 3> kRecordKindNames = {"alert", "event", "loss"};

// A line to be kept: opaque bytes, usually one JSON object without its line end.
struct NewRecord {
  RecordKind kind = RecordKind::kAlert;
  event::Level level = event::Level::kMedium;
  std::string_view body;
};

// A line that was kept.
struct Record {
  std::uint64_t sequence = 0;  // grows by at least one with each record of a spool, for ever
  TimeNs time = 0;             // when it was spooled
  RecordKind kind = RecordKind::kAlert;
  event::Level level = event::Level::kMedium;
  std::string_view body;  // lives as long as what the record was read into says
};

// The name of a record all over the world, by which a receiver removes what it got twice:
// "4f6e…-…:17".
inline std::string record_id(std::string_view instance, std::uint64_t sequence) {
  return std::string(instance) + ":" + std::to_string(sequence);
}

}  // namespace vedette::spool
