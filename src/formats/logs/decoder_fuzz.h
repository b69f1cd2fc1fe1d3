// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/batch.h"
#include "formats/logs/decoder.h"

// What every fuzzer of a LogDecoder does: decode the bytes, list all values of each event, and read
// every byte of what came out, so that a view to a wrong place does not go unseen.
namespace vedette::formats::logs {

inline std::uint64_t checksum(const event::Value& value) {
  std::uint64_t sum = value.size;
  for (const char c : value.bytes()) sum = sum * 31 + static_cast<unsigned char>(c);
  return sum;
}

// `more_paths`: wanted beside those of text formats. A format may have records that are no events.
enum class Records : std::uint8_t { kAreEvents, kMayBeState };
template <LogDecoder Decoder, Records kRecords = Records::kAreEvents>
void fuzz_decoder(const std::uint8_t* data, std::size_t size,
                  std::span<const std::string_view> more_paths = {}) {
  event::Batch batch;
  batch.buffer.reserve(size);
  if (size != 0) std::memcpy(batch.buffer.data(), data, size);
  batch.buffer.set_size(size);
  event::FieldTree::Builder builder;
  event::Slot slots = 0;
  for (const std::string_view path :
       {"type", "a0", "EXECVE.a1", "SYSCALL.a0", "saddr_fam", "message", "EventTime", "user", "src",
        "id.orig_h", "_path", "cs-uri", "cs-user-agent", "*"}) {
    builder.add(path, slots++, 0);
  }
  for (const std::string_view path : more_paths) builder.add(path, slots++, 0);
  const event::FieldTree tree = std::move(builder).build();
  Limits limits;
  limits.values_max = 1000;
  Decoder decoder(tree, limits);
  event::Event event(slots);
  std::vector<event::NamedValue> all;
  volatile std::uint64_t sink = 0;
  std::uint64_t events = 0;
  decoder.start(batch);
  for (; decoder.next(event); ++events) {
    CHECK(event.offset <= size);
    for (const event::Slot slot : event.present()) {
      const event::Value* value = &event[slot];
      for (; value != nullptr; value = event.next(*value)) sink = sink + checksum(*value);
    }
    all.clear();
    decoder.everything(event, all);
    for (const event::NamedValue& named : all) {
      sink = sink + checksum(named.value) + checksum(event::plain(named.path));
    }
  }
  const std::uint64_t told = events + decoder.problems().size();
  CHECK(kRecords == Records::kAreEvents ? decoder.records() == told : decoder.records() >= told);
}

}  // namespace vedette::formats::logs
