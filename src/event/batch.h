// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace vedette::event {

// The shape of the records in an input; formats/logs/format.h has a row for each.
enum class RecordFormat : std::uint8_t {
  kUnknown,
  kJsonLines,   // one JSON object a line
  kJson,        // JSON objects in any layout: pretty-printed, one array, {"Records": [...]}, ...
  kEvtx,        // Windows event log file
  kWindowsXml,  // <Event> elements
  kAuditd,      // Linux audit log, raw or interpreted
  kSyslog,      // RFC 5424 and RFC 3164
  kCef,
  kLeef,
  kZeekTsv,
  kWebAccess,  // common and combined log format
  kKernel,     // records of formats/kernel/record_layout.h
};

// One file, member of an archive or stream that is read.
struct Input {
  std::string name;  // as the user would name it: "logs/a.json", "a.tar.zst/b.json", "-"
  RecordFormat format = RecordFormat::kUnknown;
  std::uint32_t index = 0;  // in the order of reading
  // When it was last written to, 0 when unknown: tells the year of times that lack it.
  TimeNs written = 0;
};

// Bytes with room behind them: parsers may read (never use) up to kPadding bytes past size.
class Buffer {
 public:
  static constexpr std::size_t kPadding = 64;

  char* data() { return memory_.get(); }
  const char* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::string_view view() const { return {memory_.get(), size_}; }
  void set_size(std::size_t size) { size_ = size; }
  // Keeps the first size() bytes.
  void reserve(std::size_t capacity);

 private:
  std::unique_ptr<char[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Where a record stands in a buffer.
struct RecordSpan {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

// A run of whole records of one input, the unit that moves between stages.
struct Batch {
  std::shared_ptr<const Input> input;
  Buffer buffer;
  std::uint64_t sequence = 0;  // from 0 over all inputs, without gaps
  std::uint64_t offset = 0;    // of the buffer in the (unpacked) input
  bool last = false;           // no batch of this input follows
  // What a reader of these records must have seen first (the header lines of a Zeek log); may be
  // null.
  std::shared_ptr<const std::string> preamble;
  // RecordFormat::kJson only: the records, found by the splitter, which knows what they are wrapped
  // in.
  std::vector<RecordSpan> records;
};

}  // namespace vedette::event
