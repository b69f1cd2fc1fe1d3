// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "formats/logs/cut.h"
#include "formats/logs/json_wrapper.h"

namespace vedette::formats::logs {

// Finds the records of JSON text (RFC 8259) in any layout: objects one after another, however they
// are printed and separated (white space, commas, RFC 7464 separators, byte order marks); arrays of
// objects; wrappers, which json_wrapper.h tells from ordinary objects.
//
// Brackets and strings are followed, nothing else is judged: an object may still be refused by the
// decoder. Malformed are: a line end inside a string, a closing bracket that does not fit, an
// opening bracket where no value may stand, an object that the input's end cuts off. Then a problem
// is reported and reading goes on at the next line after the record's first that is indented no
// deeper than the line it began in and begins with '{' (or "[{", ",{", or ']' in an array).
// An element that is no object, is longer than Limits::record_bytes_max or nested deeper than
// Limits::depth_max is a problem and left out. Linear in the input; after malformed records the
// same bytes may be looked at again, at most Limits::depth_max times.
class JsonSplitter {
 public:
  explicit JsonSplitter(const Limits& limits);  // outlives the splitter

  Cut cut(std::string_view bytes, bool at_end);

 private:
  enum class State : std::uint8_t { kBetween, kRecord, kSkip, kScalar, kResync };
  enum class Step : std::uint8_t { kGoOn, kNeedMore };
  enum class Scan : std::uint8_t { kMore, kClosed, kTooDeep, kMalformed };

  Step step(std::string_view bytes, bool at_end, Cut& cut);
  Step between(std::string_view bytes, bool at_end, Cut& cut);
  Step begin_value(std::string_view bytes, bool at_end, Cut& cut);
  Step record(std::string_view bytes, Cut& cut);
  Step skip(std::string_view bytes, Cut& cut);
  Step scalar(std::string_view bytes);
  Step resync(std::string_view bytes, bool at_end);

  // Follows brackets and strings from at_.
  Scan scan(std::string_view bytes);
  Scan scan_bracket(std::string_view bytes, std::size_t position);
  bool may_open(std::string_view bytes, std::size_t position) const;
  // Whether a wrapper's array begins at bytes[at_]; kNeedMore when that cannot be said yet.
  Step look_for_wrapper(std::string_view bytes, bool at_end);
  bool is_record_line(std::string_view bytes, bool at_end, bool& need_more);
  void begin(std::size_t depth, State state);
  void close_array();
  void begin_resync(std::size_t from, std::size_t indent);
  // At the end of the input: true when there is something to read again.
  bool finish(std::string_view bytes, Cut& cut);
  std::size_t keep_from() const;

  const Limits& limits_;
  State state_ = State::kBetween;
  std::size_t at_ = 0;  // everything before is dealt with

  // Between records.
  bool in_array_ = false;      // the records are elements of an array
  std::size_t enclosing_ = 0;  // objects around that array
  std::size_t indent_ = 0;     // blanks at the front of the line that at_ is in
  bool counting_ = true;       // at_ is still among those
  bool decided_ = false;       // whether the input is wrapped is known
  const WrapperRow* wrapper_ = nullptr;
  std::size_t look_again_at_ = 0;  // bytes that must be there before look_for_wrapper() is worth it

  // Inside a value.
  std::size_t record_start_ = 0;
  std::size_t depth_ = 0;
  std::vector<char> kinds_;  // the opening brackets down to Limits::depth_max
  bool in_string_ = false;
  bool escaped_ = false;    // the next byte is escaped by a backslash
  const char* wrong_ = "";  // what scan() found malformed

  // After a malformed record.
  std::size_t resync_indent_ = 0;
  bool at_line_start_ = false;
};

}  // namespace vedette::formats::logs
