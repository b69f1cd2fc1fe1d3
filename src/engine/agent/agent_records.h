// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/agent/outlet.h"
#include "engine/batch_worker.h"
#include "event/sink.h"
#include "output/writer.h"

namespace vedette::engine {

// Something that was lost or given up, for whoever reads the records.
struct LossEvent {
  std::string_view stage;  // "kernel", "spool", "guard", "decoder"
  std::string_view what;   // "events", "records", a kind that is shed
  std::uint64_t count = 0;
  std::uint64_t total = 0;
  std::string reason;  // a sentence
};

// Turns alerts, events and losses into lines, once for each format that an outlet wants, and adds
// them to the outlets. The main thread's.
class AgentRecords final : public event::Sink {
 public:
  // `outlets` outlive it.
  static Result<std::unique_ptr<AgentRecords>> create(
      const std::vector<std::unique_ptr<Outlet>>& outlets, const std::string& host,
      const std::string& version, const Clock& clock);

  Result<void> write(const event::Alert& alert) override;
  Result<void> finish(const event::Summary&) override { return {}; }
  bool wants_event() const override;
  bool wants_details() const override { return true; }
  bool wants_output_fields() const override;

  bool wants_every_event() const { return every_event_; }
  void write_event(const BatchResult::WholeEvent& event);
  void write_loss(const LossEvent& loss);
  std::uint64_t alerts() const { return alerts_; }

 private:
  // A format that some outlets want.
  struct Renderer {
    std::string format;
    std::string text;
    std::unique_ptr<output::Writer> writer;
    std::unique_ptr<event::Sink> sink;
    std::vector<Outlet*> outlets;
  };

  AgentRecords() = default;

  std::vector<std::unique_ptr<Renderer>> renderers_;
  std::vector<Outlet*> outlets_;
  std::string host_;
  const Clock* clock_ = nullptr;
  bool every_event_ = false;
  std::uint64_t alerts_ = 0;
  std::string line_;
};

}  // namespace vedette::engine
