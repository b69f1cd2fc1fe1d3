// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/splitter.h"

#include <cstring>
#include <fmt/format.h>

#include "formats/kernel/capture.h"
#include "formats/logs/auditd.h"
#include "formats/logs/evtx.h"
#include "formats/logs/windows_xml.h"
#include "formats/logs/zeek.h"

namespace vedette::formats::logs {

using event::RecordFormat;

struct Splitter::Row {
  RecordFormat format;
  Cut (Splitter::*cut)(std::string_view bytes, bool at_end);
};

namespace {

// A header of a Zeek log that is longer is not kept together over batches.
constexpr std::size_t kPreambleMax = std::size_t{1} << 20;

}  // namespace

// The first row is taken for formats that have none.
const Splitter::Row Splitter::kRows[] = {
    {RecordFormat::kUnknown, &Splitter::cut_lines},
    {RecordFormat::kJson, &Splitter::cut_json},
    {RecordFormat::kEvtx, &Splitter::cut_chunks},
    {RecordFormat::kWindowsXml, &Splitter::cut_elements},
    {RecordFormat::kAuditd, &Splitter::cut_audit_events},
    {RecordFormat::kZeekTsv, &Splitter::cut_zeek},
    {RecordFormat::kKernel, &Splitter::cut_kernel},
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

Cut Splitter::cut_chunks(std::string_view bytes, bool at_end) {
  Cut cut;
  cut.size = cut_evtx(bytes, at_end, first_);
  return cut;
}

Cut Splitter::cut_kernel(std::string_view bytes, bool at_end) {
  return kernel::cut_records(bytes, first_, at_end);
}

Cut Splitter::cut_elements(std::string_view bytes, bool at_end) {
  Cut cut;
  cut.size = cut_windows_xml(bytes, at_end);
  if (cut.size == 0 && bytes.size() > limits_.record_bytes_max) {
    // The decoder finds the next element behind the gap by itself.
    cut.size = bytes.size();
    cut.drop = true;
    cut.lost = 1;
    cut.problems.push_back({0, fmt::format("expected the end of an <Event> within the limit of {} "
                                           "bytes for one record; those bytes were left out",
                                           limits_.record_bytes_max)});
  }
  return cut;
}

// Lines of one audit event stay together, but for a limit's worth of them that will not end.
Cut Splitter::cut_audit_events(std::string_view bytes, bool at_end) {
  if (dropping_ || bytes.size() > limits_.record_bytes_max) return cut_lines(bytes, at_end);
  Cut cut;
  cut.size = cut_auditd(bytes, at_end);
  scanned_ = 0;
  return cut;
}

Cut Splitter::cut_zeek(std::string_view bytes, bool at_end) {
  Cut cut = cut_lines(bytes, at_end);
  if (cut.size == 0 || cut.drop || at_end) return cut;
  const std::string_view batch = bytes.substr(0, cut.size);
  std::string header;
  if (in_header_ && batch.starts_with('#') && preamble_->size() < kPreambleMax) {
    header = zeek_preamble(fmt::format("{}{}", *preamble_, batch));
  } else {
    header = zeek_preamble(batch);
  }
  if (!header.empty()) preamble_ = std::make_shared<const std::string>(std::move(header));
  // Whether the header goes on in the next batch.
  const std::size_t line = batch.rfind('\n', batch.size() - 2) + 1;
  in_header_ = preamble_ != nullptr && batch[line < batch.size() ? line : 0] == '#';
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
