// SPDX-License-Identifier: Apache-2.0
#include "engine/ordered_output.h"

#include <chrono>
#include <fmt/format.h>

#include "formats/logs/format.h"

namespace vedette::engine {
namespace {

constexpr std::uint64_t kProgressMs = 200;

std::uint64_t now_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

}  // namespace

OrderedOutput::OrderedOutput(const rules::RuleSet& rules, detect::Correlator* correlator,
                             const std::vector<event::Sink*>& sinks, std::size_t works)
    : correlator_(correlator),
      sinks_(sinks),
      rule_hits_(rules.rules.size()),
      correlation_hits_(rules.correlations.size()) {
  for (std::size_t i = 0; i < works; ++i) free_.push_back(std::make_unique<Work>());
  for (std::size_t i = 0; i < rules.correlations.size(); ++i) {
    correlation_index_[&rules.correlations[i].info] = i;
  }
}

void OrderedOutput::take_over(const OrderedOutput& earlier) {
  next_sequence_ = earlier.next_sequence_;
  record_base_ = earlier.record_base_;
  current_input_ = earlier.current_input_;
  summary_ = earlier.summary_;
  reports_ = earlier.reports_;
}

std::unique_ptr<Work> OrderedOutput::acquire() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [this] { return !free_.empty(); });
  std::unique_ptr<Work> work = std::move(free_.back());
  free_.pop_back();
  return work;
}

void OrderedOutput::release(std::unique_ptr<Work> work) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(work));
  freed_.notify_one();
}

void OrderedOutput::submit(std::unique_ptr<Work> work) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t sequence = work->batch.sequence;
  waiting_.emplace(sequence, std::move(work));
  while (!waiting_.empty() && waiting_.begin()->first == next_sequence_) {
    auto next = waiting_.extract(waiting_.begin());
    write(*next.mapped());
    ++next_sequence_;
    free_.push_back(std::move(next.mapped()));
    freed_.notify_one();
  }
  report_progress();
}

void OrderedOutput::write(Work& work) {
  const event::Input& input = *work.batch.input;
  BatchResult& result = work.result;
  if (input.index != current_input_) {
    current_input_ = input.index;
    record_base_ = 0;
  }
  if (reports_.size() <= input.index) reports_.resize(input.index + std::size_t{1});
  event::InputReport& report = reports_[input.index];
  report.name = input.name;
  report.format = formats::logs::to_string(input.format);
  report.events += result.events;
  report.skipped += result.problems.size();
  report.unknown_source += result.unknown_source;
  report.bytes += work.batch.buffer.size();
  for (const formats::logs::RecordProblem& problem : result.problems) {
    if (report.problems.size() >= event::InputReport::kProblemsKept) break;
    report.problems.push_back(
        {DiagnosticKind::kError,
         {input.name, 0, 0, work.batch.offset + problem.offset},
         fmt::format("record {}: {}", record_base_ + problem.record + 1, problem.message),
         {}});
  }
  summary_.events += result.events;
  summary_.skipped += result.problems.size();
  summary_.lost += result.lost;
  summary_.unknown_source += result.unknown_source;
  summary_.bytes += work.batch.buffer.size();
  for (const BatchResult::Match& match : result.matches) {
    ++rule_hits_[match.rule];
    if (match.alert != BatchResult::Match::kNone) {
      event::Alert& alert = result.alerts[match.alert];
      alert.record += record_base_ + 1;
      alert.offset += work.batch.offset;
      write_alert(alert);
    }
    if (match.base != BatchResult::Match::kNone) {
      detect::BaseMatch& base = result.base[match.base];
      base.record += record_base_ + 1;
      base.offset += work.batch.offset;
      correlator_->add(base, [this](const event::Alert& alert) { write_alert(alert); });
    }
  }
  for (event::Alert& alert : result.observed) {
    alert.record += record_base_ + 1;
    alert.offset += work.batch.offset;
    write_alert(alert);
  }
  if (correlator_ != nullptr) {
    // A batch ends with a whole event: a stream that pauses here must not hold its alerts back.
    correlator_->end_event([this](const event::Alert& alert) { write_alert(alert); });
  }
  record_base_ += result.records;
}

void OrderedOutput::write_alert(const event::Alert& alert) {
  ++summary_.alerts;
  if (alert.rule->correlation) {
    if (const auto found = correlation_index_.find(alert.rule); found != correlation_index_.end()) {
      ++correlation_hits_[found->second];
    }
  }
  if (error_) return;
  for (event::Sink* sink : sinks_) {
    if (auto written = sink->write(alert); !written) {
      error_ = written.error();
      return;
    }
  }
}

void OrderedOutput::on_progress(std::function<void(std::uint64_t, std::uint64_t)> report) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(report);
}

void OrderedOutput::report_progress() {
  if (!progress_) return;
  const std::uint64_t now = now_ms();
  if (now - progress_at_ < kProgressMs) return;
  progress_at_ = now;
  progress_(summary_.events, summary_.alerts);
}

Result<void> OrderedOutput::finish() {
  const std::lock_guard lock(mutex_);
  if (correlator_ != nullptr) {
    correlator_->finish([this](const event::Alert& alert) { write_alert(alert); });
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

bool OrderedOutput::failed() const {
  const std::lock_guard lock(mutex_);
  return error_.has_value();
}

}  // namespace vedette::engine
