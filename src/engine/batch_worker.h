// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "detect/correlator.h"
#include "detect/matcher.h"
#include "event/alert.h"
#include "event/batch.h"
#include "formats/logs/decoder.h"

namespace vedette::engine {

class Decoders;

// What the records of one batch gave. Views lie in `arena`, the batch or the rule set.
struct BatchResult {
  struct Match {
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::uint32_t rule = 0;
    std::uint32_t alert = kNone;  // index into alerts; none for rules that only feed correlations
    std::uint32_t base = kNone;   // index into base; none for rules that no correlation uses
  };

  Arena arena;
  std::vector<Match> matches;
  // Events as a whole; only with WorkerOptions::every_event.
  struct WholeEvent {
    bool has_time = false;
    TimeNs time = 0;
    std::span<const event::AlertField> fields;
  };

  std::vector<WholeEvent> whole_events;
  std::vector<event::Alert> alerts;  // record and offset count within the batch
  std::vector<detect::BaseMatch> base;
  std::vector<event::Alert> observed;  // of what is no rule, see BatchObserver
  std::vector<formats::logs::RecordProblem> problems;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t unknown_source = 0;
  std::uint64_t lost = 0;  // told of in this batch

  void clear();
};

struct WorkerOptions {
  bool details = true;         // roles, time and matched fields of alerts
  bool whole_event = false;    // Alert::event
  bool output_fields = false;  // Alert::output_fields; compiled with CompileOptions::output_fields
  bool every_event = false;    // BatchResult::whole_events
  bool profile = false;
  bool recover = false;  // EVTX
};

// Decodes batches and matches their events. One per thread.
class BatchWorker {
 public:
  // `program`, `correlator` (null: no correlations; only its constant parts are read) and `limits`
  // outlive it.
  BatchWorker(const rules::Program& program, const detect::Correlator* correlator,
              const Limits& limits, const WorkerOptions& options);
  ~BatchWorker();

  // Goes on, with other rules, where another worker of the same live source stands.
  void take_over(BatchWorker& earlier);

  // `batch` stays alive as long as `result` is used.
  void run(const event::Batch& batch, BatchResult& result);

  const std::vector<detect::RuleCost>& costs() const { return matcher_.costs(); }

 private:
  template <typename Decoder>
  void run_with(Decoder& decoder, const event::Batch& batch, BatchResult& result);
  template <typename Everything>
  void add_match(std::uint32_t instance, const event::Batch& batch, BatchResult& result,
                 Everything&& everything);
  template <typename Everything>
  std::span<const event::AlertField> whole_event(BatchResult& result, Everything&& everything);
  void add_details(std::uint32_t instance, event::Alert& alert, BatchResult& result);
  void add_output_fields(std::uint32_t instance, event::Alert& alert, BatchResult& result);
  std::span<const std::uint32_t> counted(std::span<const std::uint32_t> instances);
  void add_base(std::uint32_t instance, const event::Batch& batch, BatchResult& result);
  void read_time(bool& has_time, TimeNs& time);
  std::string_view role(event::Role role, Arena& arena);

  const rules::Program& program_;
  const detect::Correlator* correlator_;
  WorkerOptions options_;
  detect::Matcher matcher_;
  event::Event event_;
  std::unique_ptr<Decoders> decoders_;
  std::vector<event::MatchedField> matched_;
  std::vector<event::NamedValue> everything_;
  bool first_match_ = false;  // some rule is marked so
  std::vector<std::uint32_t> counted_;
};

}  // namespace vedette::engine
