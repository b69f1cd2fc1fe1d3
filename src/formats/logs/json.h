// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/logs/decoder.h"
#include "formats/logs/json_index.h"
#include "formats/logs/json_keys.h"
#include "formats/logs/json_shapes.h"

namespace vedette::formats::logs {

// JSON records (RFC 8259): one object a line, or the spans that a splitter found
// (RecordFormat::kJson).
//
// The structure of every record is checked; a scalar is looked into only when a rule reads its
// field, so "tru" in a field that no rule reads passes. Of duplicate keys the last counts (objects
// under duplicate keys merge). Keys may hold escapes. A record with bytes that are not UTF-8 is
// read with U+FFFD in their place. An element of an array is one more value of the array's field;
// so are the fields of objects in arrays. Values that producers wrap otherwise (json_shapes.h) are
// the fields that they stand for.
//
// Cost: simdjson's index plus a few nanoseconds per key; values are left where they stand.
class JsonDecoder {
 public:
  // Both arguments outlive the decoder.
  JsonDecoder(const event::FieldTree& tree, const Limits& limits);

  void start(const event::Batch& batch);
  bool next(event::Event& event);
  void everything(event::Event& event, std::vector<event::NamedValue>& out);
  std::vector<RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return record_; }

 private:
  struct Frame {
    JsonKeys::Place place;
    bool array = false;
    bool append = false;          // inside an array: values add to a field
    std::uint32_t path_size = 0;  // listing only: length of the container's own path
  };
  struct Listing;
  enum class Step : std::uint8_t { kContinue, kDone, kBad };

  bool next_indexed(event::Event& event);
  bool next_single(event::Event& event);
  bool take_line(std::string_view& line);
  bool walk_single(std::string_view record, event::Event& event);
  void resynchronise(std::size_t from);
  void report(std::size_t offset, std::string_view why);

  // Walks the object whose '{' is at positions_[cursor_]; leaves cursor_ behind its '}'. On failure
  // why_ says why.
  template <bool kListing>
  bool walk(event::Event& event, Listing* listing);
  template <bool kListing>
  Step member(Frame& frame, event::Event& event, Listing* listing);
  void flat_members(const Frame& frame, event::Event& event);
  template <bool kListing>
  Step element(Frame& frame, event::Event& event, Listing* listing);
  template <bool kListing>
  Step value(Frame& frame, const JsonKeys::Place& place, std::string_view key, event::Event& event,
             Listing* listing);
  template <bool kListing>
  Step close(Frame& frame);
  Step skip_structure();
  template <bool kListing>
  bool shaped(const Frame& frame, std::string_view key, event::Event& event, Listing* listing);
  template <bool kListing>
  void put_named(const Frame& frame, std::string_view key, const event::Value& value,
                 event::Event& event, Listing* listing);
  template <bool kListing>
  bool walk_all(event::Event& event, Listing* listing);
  template <bool kListing>
  Step scalar(const JsonKeys::Place& place, bool append, std::uint32_t start, std::uint32_t end,
              event::Event& event, Listing* listing);
  void put(const JsonKeys::Place& place, bool append, const event::Value& value,
           event::Event& event);
  void put_all(const JsonKeys::Place& place, bool append, const event::Value& value,
               event::Event& event);
  Step bad(std::string_view why) {
    why_ = why;
    return Step::kBad;
  }
  char at(std::size_t position) const { return text_[positions_[position]]; }

  const event::FieldTree& tree_;
  const Limits& limits_;
  JsonIndex index_;
  std::string_view text_;  // what positions_ refers to: the batch, one line of it, or repaired_
  std::span<const std::uint32_t> positions_;
  std::size_t cursor_ = 0;  // into positions_
  std::string_view why_;
  std::vector<Frame> stack_;
  JsonKeys keys_;
  JsonKeys::Index last_key_ = JsonKeys::kFirst;
  event::Value embedded_;  // of the record: text that is JSON itself
  bool decoded_ = false;   // some value of the record does not stand in its bytes as it is
  std::vector<NamedScalar> named_;
  std::string repaired_;  // a record with U+FFFD for bytes that are not UTF-8

  const event::Batch* batch_ = nullptr;  // the caller's, from start() on
  bool single_ =
      false;  // records are indexed one by one: spans, or a batch that cannot be indexed whole
  std::size_t at_ = 0;  // single: offset of the next line or number of the next span
  std::uint64_t record_ = 0;
  std::vector<RecordProblem> problems_;
};

}  // namespace vedette::formats::logs
