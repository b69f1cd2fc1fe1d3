// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/splitter.h"

#include <cstring>
#include <fmt/format.h>

namespace vedette::formats::logs {

using event::RecordFormat;

struct Splitter::Row {
  RecordFormat format;
  Cut (Splitter::*cut)(std::string_view bytes, bool at_end);
};

// The first row is taken for formats that have none.
const Splitter::Row Splitter::kRows[] = {
    {RecordFormat::kUnknown, &Splitter::cut_lines},
    {RecordFormat::kJson, &Splitter::cut_json},
};

Splitter::Splitter(RecordFormat format, const Limits& limits)
    : row_([&]() -> const Row& {
        for (const Row& row : kRows) {
          if (row.format == format) return row;
        }
        return kRows[0];
      }()),
      limits_(limits),
      json_(limits) {}

Cut Splitter::cut(std::string_view bytes, bool at_end) {
  if (bytes.empty() && !at_end) return {};
  Cut cut = (this->*row_.cut)(bytes, at_end);
  if (cut.size > 0) first_ = false;
  return cut;
}

Cut Splitter::cut_json(std::string_view bytes, bool at_end) { return json_.cut(bytes, at_end); }

Cut Splitter::cut_lines(std::string_view bytes, bool at_end) {
  if (dropping_) return drop_line(bytes, at_end);
  Cut cut;
  if (bytes.empty()) return cut;
  const auto* end =
      static_cast<const char*>(memrchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_));
  if (at_end) {
    cut.size = bytes.size();
  } else if (end != nullptr) {
    cut.size = static_cast<std::size_t>(end - bytes.data()) + 1;
    scanned_ = bytes.size() - cut.size;
  } else if (bytes.size() <= limits_.record_bytes_max) {
    scanned_ = bytes.size();
  } else {
    cut.size = bytes.size();
    cut.drop = true;
    cut.lost = 1;
    cut.problems.push_back({0, fmt::format("the line is longer than the limit of {} bytes for one "
                                           "record and was left out",
                                           limits_.record_bytes_max)});
    dropping_ = true;
    scanned_ = 0;
  }
  return cut;
}

// The rest of a line that is too long, with its line end.
Cut Splitter::drop_line(std::string_view bytes, bool at_end) {
  Cut cut;
  if (bytes.empty()) return cut;
  const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
  cut.size = end == nullptr ? bytes.size() : static_cast<std::size_t>(end - bytes.data()) + 1;
  cut.drop = true;
  dropping_ = end == nullptr && !at_end;
  return cut;
}

}  // namespace vedette::formats::logs
