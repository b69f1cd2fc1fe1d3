// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <type_traits>

#include "base/result.h"
#include "base/time.h"
#include "event/field_writer.h"
#include "formats/logs/decoder.h"

namespace vedette::formats::logs {

// The LogDecoder of formats whose records are single lines. `parse` is
//   Result<void> parse(std::string_view line, event::FieldWriter& writer);
// or has Input::written as third parameter; it gets a line without the line end (LF or CRLF); blank
// lines are not records. A line longer than Limits::record_bytes_max is a problem, as is one that
// parse() refuses.
template <auto parse>
class LineDecoder {
 public:
  LineDecoder(const event::FieldTree& tree, const Limits& limits) : tree_(tree), limits_(limits) {}

  void start(const event::Batch& batch) {
    bytes_ = batch.buffer.view();
    at_ = 0;
    record_ = 0;
    written_ = batch.input == nullptr ? 0 : batch.input->written;
    problems_.clear();
  }

  bool next(event::Event& event) {
    while (at_ < bytes_.size()) {
      const std::size_t start = at_;
      const std::string_view line = take_line();
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      event.clear();
      event.raw = line;
      event.raw_text = event::RawText::kLine;
      event.offset = start;
      event.record = record_++;
      event::FieldWriter writer(tree_, event, nullptr);
      const Result<void> parsed =
          line.size() > limits_.record_bytes_max
              ? failure(ErrorCode::kLimit, "the line is longer than the limit for one record")
              : parse_line(line, writer);
      if (parsed) return true;
      problems_.push_back({start, event.record, parsed.error().message});
    }
    return false;
  }

  void everything(event::Event& event, std::vector<event::NamedValue>& out) {
    event::FieldWriter writer(no_slots_, event, &out);
    // What next() took is taken again.
    [[maybe_unused]] const Result<void> parsed = parse_line(event.raw, writer);
  }
  std::vector<RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return record_; }

 private:
  Result<void> parse_line(std::string_view line, event::FieldWriter& writer) {
    if constexpr (std::is_invocable_v<decltype(parse), std::string_view, event::FieldWriter&,
                                      TimeNs>) {
      return parse(line, writer, written_);
    } else {
      return parse(line, writer);
    }
  }

  std::string_view take_line() {
    const auto* end =
        static_cast<const char*>(std::memchr(bytes_.data() + at_, '\n', bytes_.size() - at_));
    const std::size_t stop =
        end == nullptr ? bytes_.size() : static_cast<std::size_t>(end - bytes_.data());
    std::string_view line = bytes_.substr(at_, stop - at_);
    at_ = end == nullptr ? stop : stop + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  const event::FieldTree& tree_;
  // For everything(): the event's slots are filled, and adding to them again would double values.
  const event::FieldTree no_slots_ = event::FieldTree::Builder().build();
  const Limits& limits_;
  std::string_view bytes_;  // of the batch
  std::size_t at_ = 0;
  std::uint64_t record_ = 0;
  TimeNs written_ = 0;  // of the batch's input
  std::vector<RecordProblem> problems_;
};

}  // namespace vedette::formats::logs
