// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"

// Decoders of log formats: bytes to values. Each format is one class with the shape of LogDecoder
// below, used through a template, so that nothing is called virtually per event.
namespace vedette::formats::logs {

// A record that could not be decoded: where in its batch, and one sentence why.
struct RecordProblem {
  std::uint64_t offset = 0;
  std::uint64_t record = 0;  // index in the batch
  std::string message;
};

// A decoder is made once per thread and used for many batches:
//
//   XDecoder decoder(tree, limits);          // both outlive it
//   decoder.start(batch);                    // the batch outlives its events
//   while (decoder.next(event)) { ... }      // clears and fills the event
//
// next() sets event.raw, event.offset and event.record (index in the batch, from 0). A bad record
// costs itself only: next() notes it in problems(), counts it in the record numbers and goes on. No
// input makes it throw, recurse without bound, read outside of the batch (but for Buffer::kPadding)
// or loop for ever. everything(event, out) lists all values of the event that next() returned last,
// with their paths; it may decode again and is not for the fast path. The paths and values live
// until the event is cleared. records() says after the last next() how many records, good and bad,
// the batch held.
template <typename T>
concept LogDecoder = requires(T decoder, const event::Batch& batch, event::Event& event,
                              std::vector<event::NamedValue>& out) {
  requires std::constructible_from<T, const event::FieldTree&, const Limits&>;
  decoder.start(batch);
  { decoder.next(event) } -> std::same_as<bool>;
  decoder.everything(event, out);
  { decoder.problems() } -> std::same_as<std::vector<RecordProblem>&>;  // emptied by start()
  { decoder.records() } -> std::same_as<std::uint64_t>;
};

}  // namespace vedette::formats::logs
