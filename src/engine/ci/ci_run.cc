// SPDX-License-Identifier: Apache-2.0
#include "engine/ci/ci_run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/ci/stages.h"
#include "engine/ci/unfinished_run.h"
#include "engine/gate/merged_reports.h"

namespace vedette::engine {
namespace {

using event::StageStatus;
using formats::findings::FindingReport;

constexpr std::string_view kResumeHint =
    "run `vedette ci --resume` with the same flags, or give more time (--budget)";

// Ends the stages when the user or the budget does.
class Deadline {
 public:
  Deadline(double seconds, const std::atomic<bool>& stop) : stop_(stop) {
    const auto begin = std::chrono::steady_clock::now();
    end_ = seconds > 0 ? begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                     std::chrono::duration<double>(seconds))
                       : std::chrono::steady_clock::time_point::max();
    watcher_ = std::jthread([this](const std::stop_token& ended) { watch(ended); });
  }
  const std::atomic<bool>& stop() const { return stages_stop_; }
  bool was_reached() const { return was_reached_.load(std::memory_order_relaxed); }

 private:
  static constexpr auto kStep = std::chrono::milliseconds(5);

  void watch(const std::stop_token& ended) {
    std::unique_lock lock(mutex_);
    while (!ended.stop_requested()) {
      const bool is_late = std::chrono::steady_clock::now() >= end_;
      if (is_late) was_reached_.store(true, std::memory_order_relaxed);
      if (is_late || stop_.load(std::memory_order_relaxed)) {
        stages_stop_.store(true, std::memory_order_relaxed);
        return;
      }
      ended_.wait_for(lock, ended, kStep, [] { return false; });
    }
  }

  const std::atomic<bool>& stop_;
  std::chrono::steady_clock::time_point end_;
  std::atomic<bool> stages_stop_ = false;
  std::atomic<bool> was_reached_ = false;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread watcher_;  // last: it ends before what it uses
};

// Goes through the stages in their order, a few at a time; each uses the slots for its work.
class StageRun {
 public:
  StageRun(const CiOptions& options, const ChangeSet& change, const std::vector<Stage>& stages,
           WorkerSlots& slots, const Deadline& deadline)
      : options_(options),
        change_(change),
        stages_(stages),
        slots_(slots),
        deadline_(deadline),
        outcomes_(stages.size()) {
    for (std::size_t i = 0; i < stages.size(); ++i) {
      outcomes_[i].record.name = stages[i].name;
      outcomes_[i].record.target = stages[i].target;
    }
  }

  // What an earlier run has done is taken over.
  void take_over(std::vector<DoneStage> done) {
    for (DoneStage& one : done) {
      for (std::size_t i = 0; i < stages_.size(); ++i) {
        if (stages_[i].name != one.name || stages_[i].target != one.target) continue;
        StageOutcome& outcome = outcomes_[i];
        outcome.json = std::move(one.json);
        if (!read(outcome)) {
          outcome.json.clear();
          continue;
        }
        const event::StageRecord mine = std::move(outcome.record);
        outcome.record = std::move(one.record);
        outcome.record.name = mine.name;
        outcome.record.target = mine.target;
        outcome.record.resumed = true;
        outcome.known = {one.known.begin(), one.known.end()};
        outcome.fixed = std::move(one.fixed);
      }
    }
  }

  void run() {
    // One more than there are slots: while one ends or begins alone the others keep them busy.
    const std::size_t count = std::min<std::size_t>(stages_.size(), slots_.count() + 1);
    std::vector<std::jthread> runners;
    for (std::size_t i = 1; i < count; ++i) runners.emplace_back([this] { work(); });
    work();
  }
  std::vector<StageOutcome>& outcomes() { return outcomes_; }

 private:
  void work() {
    while (true) {
      const std::size_t next = next_.fetch_add(1, std::memory_order_relaxed);
      if (next >= stages_.size()) return;
      if (!outcomes_[next].record.resumed)
        run_stage(static_cast<std::uint32_t>(next), outcomes_[next]);
    }
  }

  void run_stage(std::uint32_t number, StageOutcome& outcome) {
    const Stage& stage = stages_[number];
    event::StageRecord& record = outcome.record;
    record.begin_seconds = static_cast<double>(slots_.now_ns()) / 1e9;
    if (!stage.idle_reason.empty()) {
      record.status = StageStatus::kNotNeeded;
      record.reason = stage.idle_reason;
      return;
    }
    if (deadline_.stop().load(std::memory_order_relaxed)) {
      record.status = StageStatus::kNotStarted;
      record.reason = stop_reason();
      return;
    }
    const StageInput input{options_, change_, {&slots_, number}, deadline_.stop()};
    Result<void> done = stage.run(input, stage.target, outcome);
    if (done) done = read(outcome);
    if (done && stage.find_known != nullptr) done = stage.find_known(input, outcome);
    record.seconds = static_cast<double>(slots_.now_ns()) / 1e9 - record.begin_seconds;
    record.work_seconds = slots_.work_seconds(number);
    if (!done) {
      record.status = StageStatus::kFailed;
      record.reason = done.error().message;
      outcome.json.clear();
      outcome.report = {};
    } else if (record.status == StageStatus::kUnfinished) {
      record.reason = stop_reason();
    }
  }

  std::string stop_reason() const {
    return deadline_.was_reached()
               ? fmt::format("the budget of {} s was used up", options_.budget_seconds)
               : "the run was interrupted";
  }

  static Result<void> read(StageOutcome& outcome) {
    const std::string name =
        outcome.record.target.empty() ? outcome.record.name : outcome.record.target;
    TRY(outcome.report, formats::findings::read_finding_report(
                            outcome.json, name, formats::findings::finding_report_limits()));
    return {};
  }

  const CiOptions& options_;
  const ChangeSet& change_;
  const std::vector<Stage>& stages_;
  WorkerSlots& slots_;
  const Deadline& deadline_;
  std::vector<StageOutcome> outcomes_;
  std::atomic<std::size_t> next_ = 0;
};

// The files and the history have the same secrets: what both found is one finding, at the file.
void merge_history(std::vector<FindingReport>& reports) {
  std::map<std::string, event::Finding*, std::less<>> by_identity;
  for (FindingReport& report : reports) {
    if (report.name == "secrets") {
      for (event::Finding& finding : report.findings) by_identity[finding.identity] = &finding;
    }
    if (report.name != "history") continue;
    std::vector<event::Finding> kept;
    for (event::Finding& finding : report.findings) {
      const auto same = by_identity.find(finding.identity);
      if (same == by_identity.end()) {
        kept.push_back(std::move(finding));
        continue;
      }
      same->second->also_at.push_back(std::move(finding.place));
    }
    report.findings = std::move(kept);
  }
}

// A stage that gave a part, or nothing, makes the whole no less strict: the verdict is incomplete.
void add_stages(const std::vector<StageOutcome>& outcomes, event::GateReport& report) {
  for (const StageOutcome& outcome : outcomes) {
    const event::StageRecord& record = outcome.record;
    report.stages.push_back(record);
    // Who compares runs must not take what was not looked at for what is gone.
    for (event::GateScanner& scanner : report.scanners)
      scanner.complete = scanner.complete && (scanner.name != record.scanner() ||
                                              (!record.of_change && !record.is_left()));
    report.problems.insert(report.problems.end(), outcome.losses.begin(), outcome.losses.end());
    if (!record.is_left()) continue;
    report.incomplete = true;
    const std::string place =
        record.target.empty() ? record.name : record.name + " " + record.target;
    const bool is_failed = record.status == StageStatus::kFailed;
    report.problems.push_back(
        {is_failed ? DiagnosticKind::kError : DiagnosticKind::kWarning,
         {place, 0, 0, 0},
         fmt::format("{}: {}", event::to_string(record.status), record.reason),
         is_failed ? std::string() : std::string(kResumeHint)});
  }
}

void note_unfinished(const CiOptions& options, const std::vector<StageOutcome>& outcomes,
                     CiRun& run) {
  const bool is_left_over =
      std::ranges::any_of(outcomes, [](const StageOutcome& one) { return one.record.is_left(); });
  // Where nothing was left over, and no run went before, there is nothing to take back.
  if (!is_left_over && options.resume == Resume::kNo) return;
  std::vector<DoneStage> done;
  for (const StageOutcome& one : outcomes) {
    if (is_left_over && one.record.status == StageStatus::kDone)
      done.push_back({one.record.name,
                      one.record.target,
                      one.record,
                      one.json,
                      {one.known.begin(), one.known.end()},
                      one.fixed});
  }
  const bool is_kept = keep_unfinished(options.cache, run_key(options, run.change), done);
  run.may_resume = is_left_over && is_kept;
}

Result<void> judge(const CiOptions& options, std::vector<StageOutcome>& outcomes, CiRun& run) {
  std::vector<std::string> images;
  std::optional<KnownIdentities> known;
  if (run.change.is_partial()) known.emplace();
  TRY(std::vector<FindingReport> bases, read_reports(options.gate.base));
  if (!bases.empty()) known = identities_of(bases);
  std::vector<FindingReport>& reports = run.gate.reports;
  for (StageOutcome& outcome : outcomes) {
    if (known) known->insert(outcome.known.begin(), outcome.known.end());
    if (outcome.json.empty()) continue;
    run.reports.push_back({outcome.record.name, outcome.record.target, std::move(outcome.json)});
    reports.push_back(std::move(outcome.report));
    images.push_back(outcome.record.target);
  }
  TRY(std::vector<FindingReport> others, read_reports(options.gate.reports));
  std::ranges::move(others, std::back_inserter(reports));
  KnownIdentities found = identities_of(reports);
  merge_history(reports);
  merge_others(reports);
  TRY_VOID(judge_reports(options.gate, images, known, run.gate));
  add_stages(outcomes, run.gate.report);
  event::GateReport& report = run.gate.report;
  for (StageOutcome& outcome : outcomes)
    std::ranges::move(outcome.fixed, std::back_inserter(report.fixed));
  // Of files only the changed ones were looked at; images always whole.
  if (run.change.is_partial())
    std::erase_if(bases, [](const FindingReport& base) { return base.scanner != "image"; });
  merge_others(bases);
  std::ranges::move(fixed_of(bases, reports, std::move(found)), std::back_inserter(report.fixed));
  report.incomplete = report.incomplete || !run.change.losses().empty();
  report.problems.insert(report.problems.end(), run.change.losses().begin(),
                         run.change.losses().end());
  return {};
}

}  // namespace

Result<std::unique_ptr<CiRun>> run_ci(const CiOptions& options, const std::atomic<bool>& stop) {
  auto run = std::make_unique<CiRun>();
  const Deadline deadline(options.budget_seconds, stop);
  const unsigned threads =
      options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  WorkerSlots slots(threads, options.notes_spans);
  TRY(run->gate.files, read_gate_files(options.gate));
  if (!run->gate.files.is_usable()) return run;
  TRY(run->change, ChangeSet::find(options.change));
  TRY(const std::vector<Stage> stages, plan_stages(options, run->change));
  StageRun stage_run(options, run->change, stages, slots, deadline);
  if (options.resume == Resume::kUnfinished) {
    auto done = find_unfinished(options.cache, run_key(options, run->change));
    if (done) stage_run.take_over(std::move(*done));
  }
  stage_run.run();
  note_unfinished(options, stage_run.outcomes(), *run);
  TRY_VOID(judge(options, stage_run.outcomes(), *run));
  run->spans = slots.spans();
  run->spans_lost = slots.spans_lost();
  run->slots = slots.count();
  run->seconds = static_cast<double>(slots.now_ns()) / 1e9;
  return run;
}

}  // namespace vedette::engine
