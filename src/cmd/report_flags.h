// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/command_line.h"
#include "cmd/terminal.h"
#include "event/sink.h"
#include "output/writer.h"

namespace vedette::cmd {

// --output of every command that writes one report.
Flag output_flag(std::string& output);

// The flags that say where alerts go and how they look, shared by commands that write alerts.
struct ReportFlags {
  std::string format;
  std::string output;
  bool group = false;
  bool include_event = false;
  std::string fail_on;
  std::string stats;
  // Not a flag: alerts are written as they come, not by the page.
  bool live = false;

  // Rows that fill this object, which must stay where it is.
  std::vector<Flag> rows();
  Result<void> check() const;
  // "-" is standard output.
  void settle() {
    if (output == "-") output.clear();
  }
};

// The writer and the sink that writes to it.
struct Report {
  std::unique_ptr<output::Writer> writer;
  std::unique_ptr<event::Sink> sink;
};

Result<Report> open_report(const ReportFlags& flags, const Terminal& terminal,
                           const std::string& content);
std::string chosen_format(const ReportFlags& flags, const Terminal& terminal);
// `path` "-": standard output.
Result<void> write_stats(const event::Summary& summary, const std::string& path);

// Sees whether any alert reaches --fail-on.
class LevelWatch : public event::Sink {
 public:
  explicit LevelWatch(event::Level level) : level_(level) {}
  Result<void> write(const event::Alert& alert) override {
    reached_ = reached_ || alert.rule->level >= level_;
    return {};
  }
  Result<void> finish(const event::Summary&) override { return {}; }
  bool wants_details() const override { return false; }
  bool reached() const { return reached_; }

 private:
  event::Level level_;
  bool reached_ = false;
};

}  // namespace vedette::cmd
