// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/alert.h"
#include "event/sink.h"
#include "output/attack.h"

namespace vedette::output {

// Bounds of a report, so that a browser still opens it.
struct ReportLimits {
  std::uint64_t alerts_max = 100'000;
  std::uint64_t alert_bytes_max = std::uint64_t{96} << 20;
  std::uint64_t events_max = 10'000;                        // alerts that hold all their fields
  std::uint64_t event_bytes_max = std::uint64_t{24} << 20;  // of those fields
  std::size_t value_bytes_max = 4096;                       // of one value
};

struct LeftOut {
  std::uint64_t alerts = 0;
  std::uint64_t events = 0;
  std::uint64_t values = 0;  // cut
};

// The data inside an HTML report, as JSON that may stand in a <script> element. html/model.js reads
// it; the two change together.
class ReportData {
 public:
  explicit ReportData(const ReportLimits& limits) : limits_(limits) {}

  // One row, to be separated by commas; "" when the report is full:
  // [rule, µs, input, record, [role…], [[selection, field, value, test]…], [[field, value]…], fold]
  std::string_view row(const event::Alert& alert);

  // What rows refer to by number, and names for the screen.
  std::string meta(const Techniques& techniques) const;

  bool has_room_for_events() const { return events_ < limits_.events_max && event_bytes_left(); }
  const LeftOut& left_out() const { return left_out_; }

 private:
  bool event_bytes_left() const { return event_bytes_ < limits_.event_bytes_max; }
  std::uint64_t rule_index(const event::RuleInfo* rule);
  std::uint64_t input_index(std::string_view input);
  void append_text(std::string_view text, std::string& out);
  void append_fields(std::span<const event::AlertField> fields, std::string& out);
  void append_folded(const event::Alert& alert, std::string& out);
  void append_event(const event::Alert& alert, std::string& out);

  ReportLimits limits_;
  LeftOut left_out_;
  std::uint64_t alerts_ = 0;
  std::uint64_t alert_bytes_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t event_bytes_ = 0;
  std::unordered_map<const event::RuleInfo*, std::uint64_t> rule_indices_;
  std::vector<const event::RuleInfo*> rules_;
  std::unordered_map<std::string, std::uint64_t> input_indices_;
  std::vector<std::string> inputs_;
  std::string row_;
  std::string safe_;
};

}  // namespace vedette::output
