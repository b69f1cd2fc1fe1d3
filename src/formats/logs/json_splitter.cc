// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json_splitter.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>

#include "formats/logs/json_masks.h"

// A machine of five states that stops anywhere and goes on there. Most bytes are seen by scan()
// only, 64 at a time: it asks for the brackets outside of strings and counts them; the other states
// go byte by byte over what little stands between records.
namespace vedette::formats::logs {
namespace {

// A line indented deeper than this is not looked at when a record is sought after a malformed one.
constexpr std::size_t kIndentMax = 1024;
// Blanks between "[" or "," and "{" on such a line.
constexpr std::size_t kGapMax = 16;
constexpr std::size_t kDepthMin = 4;

constexpr char kRecordSeparator = '\x1e';  // RFC 7464
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void note_lost(Cut& cut, std::size_t offset, std::string_view message, std::string_view why = {}) {
  ++cut.lost;
  if (cut.wants_problems()) cut.problems.push_back({offset, fmt::format("{}{}", message, why)});
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

JsonSplitter::JsonSplitter(const Limits& limits)
    : limits_(limits), kinds_(std::max(limits.depth_max, kDepthMin), '{') {}

Cut JsonSplitter::cut(std::string_view bytes, bool at_end) {
  Cut cut;
  do {
    while (at_ < bytes.size() && step(bytes, at_end, cut) == Step::kGoOn) {
    }
  } while (at_end && finish(bytes, cut));
  cut.size = at_end ? bytes.size() : keep_from();
  cut.drop = cut.size > 0 && cut.records.empty();
  at_ -= std::min(at_, cut.size);
  record_start_ -= std::min(record_start_, cut.size);
  return cut;
}

std::size_t JsonSplitter::keep_from() const {
  return state_ == State::kRecord ? record_start_ : at_;
}

JsonSplitter::Step JsonSplitter::step(std::string_view bytes, bool at_end, Cut& cut) {
  switch (state_) {
    case State::kBetween:
      return between(bytes, at_end, cut);
    case State::kRecord:
      return record(bytes, cut);
    case State::kSkip:
      return skip(bytes, cut);
    case State::kScalar:
      return scalar(bytes);
    case State::kResync:
      return resync(bytes, at_end);
  }
  return Step::kNeedMore;
}

JsonSplitter::Step JsonSplitter::between(std::string_view bytes, bool at_end, Cut& cut) {
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    if (c == '\n') {
      indent_ = 0;
      counting_ = true;
    } else if (c == ' ' || c == '\t') {
      if (counting_) ++indent_;
    } else if (c == ',') {
      counting_ = false;
    } else if (c == '[' && !in_array_) {
      in_array_ = true;
      enclosing_ = 0;
      counting_ = false;
    } else if (c == ']' && in_array_) {
      ++at_;
      close_array();
      return Step::kGoOn;
    } else if (c != '\r' && c != kRecordSeparator) {
      return begin_value(bytes, at_end, cut);
    }
  }
  return Step::kGoOn;
}

// bytes[at_] is neither white space nor a separator.
JsonSplitter::Step JsonSplitter::begin_value(std::string_view bytes, bool at_end, Cut& cut) {
  const char c = bytes[at_];
  if (c == '{') {
    if (!in_array_ && (!decided_ || wrapper_ != nullptr)) {
      if (look_for_wrapper(bytes, at_end) == Step::kNeedMore) return Step::kNeedMore;
      if (in_array_) return Step::kGoOn;
    }
    record_start_ = at_;
    begin(0, State::kRecord);
    return Step::kGoOn;
  }
  if (c == kByteOrderMark.front() && !in_array_) {
    const std::string_view mark = bytes.substr(at_, kByteOrderMark.size());
    if (mark == kByteOrderMark) {
      at_ += mark.size();
      return Step::kGoOn;
    }
    if (!at_end && kByteOrderMark.starts_with(mark)) return Step::kNeedMore;
  }
  if (!in_array_) {
    note_lost(cut, at_,
              "expected a JSON object, found other text; went on at the next line with one");
    begin_resync(at_, kIndentMax);
  } else if (c == '[') {
    note_lost(cut, at_, "expected an object as element of the array, found an array");
    begin(0, State::kSkip);
  } else {
    note_lost(cut, at_, "expected an object as element of the array, found a scalar");
    state_ = State::kScalar;
    in_string_ = c == '"';
    escaped_ = false;
    ++at_;
  }
  return Step::kGoOn;
}

JsonSplitter::Step JsonSplitter::look_for_wrapper(std::string_view bytes, bool at_end) {
  std::string_view head = bytes.substr(at_);
  if (head.size() < look_again_at_ && !at_end) return Step::kNeedMore;
  const bool whole = at_end && head.size() <= kWrapperWindow;
  head = head.substr(0, kWrapperWindow);
  const WrapperFinding finding = decided_ ? find_wrapper(head, {wrapper_, 1}, whole)
                                          : find_wrapper(head, wrapper_rows(), whole);
  if (finding.kind == WrapperFinding::Kind::kNeedMore) {
    // Not with every byte that comes: the walk begins anew each time.
    look_again_at_ = std::min(2 * head.size(), kWrapperWindow);
    return Step::kNeedMore;
  }
  look_again_at_ = 0;
  if (!decided_) wrapper_ = finding.row;
  decided_ = true;
  if (finding.kind == WrapperFinding::Kind::kWrapper) {
    in_array_ = true;
    enclosing_ = finding.enclosing;
    counting_ = false;
    const std::string_view before = head.substr(0, finding.array);
    const std::size_t line = before.rfind('\n');
    if (line != std::string_view::npos) {
      indent_ = std::min(before.find_first_not_of(" \t", line + 1), before.size()) - line - 1;
    }
    at_ += finding.array + 1;
  }
  return Step::kGoOn;
}

void JsonSplitter::begin(std::size_t depth, State state) {
  state_ = state;
  depth_ = depth;
  in_string_ = false;
  escaped_ = false;
  counting_ = false;
}

void JsonSplitter::close_array() {
  in_array_ = false;
  counting_ = false;
  if (enclosing_ == 0) return;
  std::fill_n(kinds_.begin(), enclosing_, '{');
  begin(enclosing_, State::kSkip);
  enclosing_ = 0;
}

JsonSplitter::Step JsonSplitter::record(std::string_view bytes, Cut& cut) {
  const Scan result = scan(bytes);
  if (result == Scan::kMalformed) {
    note_lost(cut, record_start_, "malformed JSON: ", wrong_);
    begin_resync(record_start_ + 1, indent_);
    return Step::kGoOn;
  }
  const std::size_t size = at_ - record_start_;
  if (size > limits_.record_bytes_max) {
    note_lost(cut, record_start_,
              fmt::format("the record is longer than the limit of {} bytes and was left out",
                          limits_.record_bytes_max));
    state_ = State::kSkip;
  } else if (result == Scan::kTooDeep) {
    note_lost(cut, record_start_,
              fmt::format("the record is nested deeper than the limit of {} and was left out",
                          limits_.depth_max));
    state_ = State::kSkip;
  } else if (result == Scan::kClosed) {
    cut.records.push_back(
        {static_cast<std::uint32_t>(record_start_), static_cast<std::uint32_t>(size)});
  }
  if (result == Scan::kClosed) state_ = State::kBetween;
  return Step::kGoOn;
}

JsonSplitter::Step JsonSplitter::skip(std::string_view bytes, Cut& cut) {
  const Scan result = scan(bytes);
  if (result == Scan::kMalformed) {
    note_lost(cut, at_, "malformed JSON: ", wrong_);
    // What was found wrong may be the line end that the next record stands behind.
    begin_resync(at_ - 1, indent_);
  } else if (result == Scan::kClosed) {
    state_ = State::kBetween;
  }
  return Step::kGoOn;
}

// A scalar as element of an array ends where the element does, at the latest with the line.
JsonSplitter::Step JsonSplitter::scalar(std::string_view bytes) {
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    const bool ends = c == ',' || c == '[' || c == ']' || c == '{';
    if (c == '\n' || (ends && !in_string_)) {
      state_ = State::kBetween;
      return Step::kGoOn;
    }
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = in_string_;
    } else if (c == '"') {
      in_string_ = !in_string_;
    }
  }
  return Step::kGoOn;
}

JsonSplitter::Scan JsonSplitter::scan(std::string_view bytes) {
  char padded[64];
  while (at_ < bytes.size()) {
    const std::size_t count = std::min<std::size_t>(bytes.size() - at_, 64);
    const char* block = bytes.data() + at_;
    if (count < 64) {
      std::memset(padded, ' ', sizeof padded);
      std::memcpy(padded, block, count);
      block = padded;
    }
    const JsonMasks masks = json_masks(block);
    std::uint64_t escaping = 0;
    const std::uint64_t escaped = escaped_bytes(masks.backslashes, escaped_, escaping);
    std::uint64_t inside = prefix_parity(masks.quotes & ~escaped);
    if (in_string_) inside = ~inside;
    std::uint64_t marks = (masks.brackets & ~inside) | (masks.line_ends & inside);
    for (; marks != 0; marks &= marks - 1) {
      const auto position = at_ + static_cast<std::size_t>(std::countr_zero(marks));
      const Scan result = scan_bracket(bytes, position);
      if (result == Scan::kMore) continue;
      at_ = position + 1;
      in_string_ = false;
      escaped_ = false;
      return result;
    }
    in_string_ = ((inside >> (count - 1)) & 1) != 0;
    escaped_ = ((escaping >> (count - 1)) & 1) != 0;
    at_ += count;
  }
  return Scan::kMore;
}

JsonSplitter::Scan JsonSplitter::scan_bracket(std::string_view bytes, std::size_t position) {
  const char c = bytes[position];
  if (c == '\n') {
    wrong_ = "expected the end of a string, found the end of the line";
    return Scan::kMalformed;
  }
  if (c == '{' || c == '[') {
    if (depth_ > 0 && depth_ <= kinds_.size() && !may_open(bytes, position)) {
      wrong_ = "expected a comma or the end of an object, found an opening bracket";
      return Scan::kMalformed;
    }
    if (depth_ < kinds_.size()) kinds_[depth_] = c;
    ++depth_;
    return depth_ == kinds_.size() + 1 && state_ == State::kRecord ? Scan::kTooDeep : Scan::kMore;
  }
  // '[' + 2 == ']' and '{' + 2 == '}'.
  if (depth_ <= kinds_.size() && kinds_[depth_ - 1] + 2 != c) {
    wrong_ = "found a closing bracket that does not fit the opening one";
    return Scan::kMalformed;
  }
  return --depth_ == 0 ? Scan::kClosed : Scan::kMore;
}

// A value may begin behind ':' in an object, behind '[' or ',' in an array. This is what finds an
// object that lacks its end: the next one begins where a member's name should. The blanks looked at
// lie between two brackets or behind other text, so they are looked at once.
bool JsonSplitter::may_open(std::string_view bytes, std::size_t position) const {
  while (position > 0 && is_blank(bytes[position - 1])) --position;
  if (position == 0) return true;  // already cut off, in State::kSkip
  const char before = bytes[position - 1];
  return kinds_[depth_ - 1] == '{' ? before == ':' : before == '[' || before == ',';
}

void JsonSplitter::begin_resync(std::size_t from, std::size_t indent) {
  state_ = State::kResync;
  at_ = from;
  resync_indent_ = indent;
  at_line_start_ = false;
}

JsonSplitter::Step JsonSplitter::resync(std::string_view bytes, bool at_end) {
  while (at_ < bytes.size()) {
    if (!at_line_start_) {
      const auto* end =
          static_cast<const char*>(std::memchr(bytes.data() + at_, '\n', bytes.size() - at_));
      if (end == nullptr) {
        at_ = bytes.size();
        return Step::kNeedMore;
      }
      at_ = static_cast<std::size_t>(end - bytes.data()) + 1;
      at_line_start_ = true;
      continue;
    }
    bool need_more = false;
    const std::size_t line = at_;
    if (is_record_line(bytes, at_end, need_more)) {
      state_ = State::kBetween;
      indent_ = at_ - line;
      counting_ = false;
      return Step::kGoOn;
    }
    if (need_more) return Step::kNeedMore;
    at_line_start_ = false;
  }
  return Step::kNeedMore;
}

// Whether reading can go on at the line that begins at at_.
bool JsonSplitter::is_record_line(std::string_view bytes, bool at_end, bool& need_more) {
  const auto skip_blanks = [&](std::size_t from, std::size_t count_max) {
    std::size_t i = from;
    while (i < bytes.size() && i - from < count_max && (bytes[i] == ' ' || bytes[i] == '\t')) ++i;
    return i;
  };
  std::size_t i = skip_blanks(at_, std::min(resync_indent_, kIndentMax));
  // "}, {": the end of the malformed record and the next one.
  if (in_array_ && i < bytes.size() && bytes[i] == '}') i = skip_blanks(i + 1, kGapMax);
  const std::size_t start = i;
  bool opens_array = false;
  if (i < bytes.size() && (bytes[i] == ',' || bytes[i] == '[')) {
    opens_array = bytes[i] == '[';
    i = skip_blanks(i + 1, kGapMax);
  }
  if (i >= bytes.size()) {
    need_more = !at_end;
    return false;
  }
  if (bytes[i] == ']' && in_array_ && !opens_array) {
    at_ = start;
    return true;
  }
  if (bytes[i] != '{') return false;
  at_ = start;
  // Arrays are not elements of arrays of records: the one that was read has lost its end.
  if (opens_array) in_array_ = false;
  return true;
}

bool JsonSplitter::finish(std::string_view bytes, Cut& cut) {
  if (state_ == State::kRecord) {
    note_lost(cut, record_start_, "malformed JSON: ", "the input ends inside the record");
    begin_resync(record_start_ + 1, indent_);
    return true;
  }
  if (state_ == State::kSkip || in_array_) {
    cut.problems.push_back(
        {bytes.size(), "the input ends before the array or object around its records does"});
  }
  state_ = State::kBetween;
  in_array_ = false;
  return false;
}

}  // namespace vedette::formats::logs
