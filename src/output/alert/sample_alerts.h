// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/alert.h"
#include "event/sink.h"

// For tests: one fixed run with every kind of alert and with text that wants to break its reader.
namespace vedette::output {

class SampleRun {
 public:
  SampleRun();
  SampleRun(const SampleRun&) = delete;
  SampleRun& operator=(const SampleRun&) = delete;

  const std::vector<event::Alert>& alerts() const { return alerts_; }
  const event::Summary& summary() const { return summary_; }

 private:
  void add_rules();
  void add_process_alerts();
  void add_hostile_alerts();
  void add_correlation();
  void add_summary();
  event::Alert& add(std::size_t rule, std::string_view input, std::uint64_t record, TimeNs time);

  std::array<event::RuleInfo, 5> rules_;
  std::vector<event::Alert> alerts_;
  event::Summary summary_;
  std::string long_command_;
};

}  // namespace vedette::output
