// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "event/finding_sink.h"

namespace vedette::cmd {

// Sees all findings on their way: whether one reaches the level that blocks.
class LevelGate : public event::FindingSink {
 public:
  // `next` outlives this.
  LevelGate(event::FindingSink& next, event::Level level) : next_(next), level_(level) {}
  Result<void> write(const event::Finding& finding) override {
    reached_ = reached_ || finding.severity >= level_;
    return next_.write(finding);
  }
  Result<void> finish(const event::ScanSummary& summary) override { return next_.finish(summary); }
  bool reached() const { return reached_; }

 private:
  event::FindingSink& next_;
  event::Level level_;
  bool reached_ = false;
};

}  // namespace vedette::cmd
