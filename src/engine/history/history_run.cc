// SPDX-License-Identifier: Apache-2.0
#include "engine/history/history_run.h"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <utility>

#include "base/file.h"
#include "engine/gate/gate_run.h"
#include "engine/gate/merged_reports.h"
#include "engine/history/branch_meter.h"
#include "engine/history/branches.h"
#include "engine/history/record.h"
#include "formats/findings/gate_report.h"
#include "store/programme_store.h"

namespace vedette::engine {
namespace {

using event::FindingStanding;
using store::ProgrammeStore;

constexpr std::size_t kStagesBytesMax = std::size_t{16} << 20;
constexpr std::size_t kIdentityDigits = 32;
constexpr std::size_t kPrefixDigitsMin = 4;
// Clocks of two machines may differ by this.
constexpr TimeNs kClockSlack = TimeNs{86'400} * kNsPerSecond;

// Reports leave out what is later than now, so that a run of the future would be kept unseen.
Result<void> check_time(TimeNs time, TimeNs now) {
  if (time <= now + kClockSlack) return {};
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected a run of the past, found one of {}; set the clock, or give "
                             "--time",
                             format_time(time)));
}

Result<HistoryAdded> keep(const std::string& path, const event::RunRecord& record) {
  TRY(ProgrammeStore kept, ProgrammeStore::open_or_make(path));
  TRY(const bool is_new, kept.add(record));
  return HistoryAdded{record.run.id, is_new, record.run.verdict, record.findings.size()};
}

Result<std::vector<event::ScannerRun>> stages_of(const std::string& path) {
  if (path.empty()) return std::vector<event::ScannerRun>();
  TRY(const std::string text, read_file(path, kStagesBytesMax));
  return formats::findings::read_stages(text, path, formats::findings::finding_report_limits());
}

Result<void> check_prefix(const std::string& prefix) {
  const bool is_good = prefix.size() >= kPrefixDigitsMin && prefix.size() <= kIdentityDigits &&
                       prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (is_good) return {};
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected the identity of a finding, or its first {} digits or more, "
                             "found \"{}\"",
                             kPrefixDigitsMin, prefix));
}

// The findings of one repository, branch by branch, as they stand after all runs.
class Collector {
 public:
  Collector(const HistoryQuery& query, const ProgrammeStore::Reading& reading)
      : query_(query), reading_(reading), dismissals_(reading.dismissals()) {}

  void add(const event::ProgrammeRun& run) {
    if (run.facts.repository != repository_) {
      finish_repository();
      repository_ = run.facts.repository;
    }
    if (is_snapshot(run)) return;
    if (branches_.empty() || branches_.back().name != run.facts.branch)
      branches_.emplace_back().name = run.facts.branch;
    Branch& branch = branches_.back();
    branch.runs.push_back({run.id, run.facts.commit});
    branch.timeline.add(
        run, [&](event::ChangeKind kind, std::uint32_t finding, const FindingState& state) {
          if (!query_.with_changes || !is_asked(finding)) return;
          branch.changes.push_back({kind, finding, run.facts.time, run.id, run.facts.commit,
                                    state.severity, state.exception});
        });
  }

  std::vector<event::FindingHistory> finish() {
    finish_repository();
    std::ranges::stable_sort(found_, [](const auto& a, const auto& b) {
      const auto key = [](const event::FindingHistory& one) {
        return std::tuple(one.standing, -static_cast<int>(one.severity), one.first_seen,
                          std::string_view(one.repository), std::string_view(one.branch),
                          std::string_view(one.finding.identity));
      };
      return key(a) < key(b);
    });
    return std::move(found_);
  }

 private:
  struct RunName {
    std::string id;
    std::string commit;
  };
  struct Branch {
    std::string name;
    Timeline timeline;
    std::vector<RunName> runs;
    std::vector<event::FindingChange> changes;
  };

  bool is_asked(std::uint32_t finding) const {
    return reading_.findings()[finding].identity.starts_with(query_.finding);
  }

  void finish_repository() {
    std::vector<BranchRuns> known;
    for (const Branch& one : branches_) known.push_back({one.name, one.runs.size()});
    const std::vector<std::string> counted = counted_branches(query_.branches, known);
    for (const Branch& one : branches_) {
      if (!query_.all_branches && std::ranges::find(counted, one.name) == counted.end()) continue;
      for (const auto& [finding, state] : one.timeline.states()) {
        if (is_asked(finding)) add_history(one, finding, state);
      }
    }
    branches_.clear();
  }

  void add_history(const Branch& branch, std::uint32_t finding, const FindingState& state) {
    event::FindingHistory one;
    one.finding = reading_.findings()[finding];
    one.exception = state.exception;
    if (!state.is_open) {
      one.standing = FindingStanding::kFixed;
      one.fixed = state.closed;
    } else if (state.exception != event::Exception::kNone) {
      one.standing = FindingStanding::kWaived;
    } else if (const auto reason =
                   dismissals_.reason(one.finding.identity, repository_, query_.now);
               reason != event::Exception::kNone) {
      one.standing = FindingStanding::kDismissed;
      one.exception = reason;
    }
    if (query_.standing && one.standing != *query_.standing) return;
    one.repository = repository_;
    one.branch = branch.name;
    one.severity = state.severity;
    one.verdict = state.verdict;
    one.scanner = branch.timeline.scanner(state.last_owner);
    one.first_seen = state.first_seen;
    one.last_seen = state.last_seen;
    const RunName& first = branch.runs[state.first_run - 1];
    const RunName& last = branch.runs[state.last_run - 1];
    one.first_run = first.id;
    one.first_commit = first.commit;
    one.last_run = last.id;
    one.last_commit = last.commit;
    for (const event::FindingChange& change : branch.changes) {
      if (change.finding == finding) one.changes.push_back(change);
    }
    for (const event::Dismissal& dismissal : reading_.dismissals()) {
      const bool is_its = query_.with_changes && dismissal.finding == one.finding.identity &&
                          (dismissal.repository.empty() || dismissal.repository == repository_) &&
                          dismissal.time <= query_.now;
      if (is_its) one.dismissals.push_back(dismissal);
    }
    found_.push_back(std::move(one));
  }

  const HistoryQuery& query_;  // the caller's, as is the next
  const ProgrammeStore::Reading& reading_;
  const Dismissals dismissals_;
  std::string repository_;
  std::deque<Branch> branches_;  // of the repository at work
  std::vector<event::FindingHistory> found_;
};

}  // namespace

Result<HistoryAdded> keep_run(const std::string& store, const event::GateReport& report,
                              const event::RunFacts& facts) {
  // Several stages may be of one scanner: its cost is theirs together.
  std::map<std::string_view, event::ScannerRun> scanners;
  for (const event::StageRecord& stage : report.stages) {
    if (!stage.ran()) continue;
    event::ScannerRun& one = scanners[stage.scanner()];
    one.name = stage.scanner();
    one.complete = one.complete && stage.is_complete();
    one.duration = one.duration.value_or(0) + static_cast<TimeNs>(stage.seconds * kNsPerSecond);
  }
  for (const event::StageRecord& stage : report.stages) {
    const auto at = scanners.find(stage.scanner());
    if (at != scanners.end() && stage.is_left()) at->second.complete = false;
  }
  std::vector<event::ScannerRun> runs;
  for (auto& [name, one] : scanners) runs.push_back(std::move(one));
  const std::array reports = {&report};
  TRY(const event::RunRecord record, record_of(reports, facts, runs));
  return keep(store, record);
}

Result<HistoryAdded> add_run(const HistoryAddOptions& options) {
  std::vector<formats::findings::GateDocument> documents;
  for (const std::string& path : options.reports) {
    TRY(const std::string text, read_report_text(path));
    TRY(formats::findings::GateDocument document,
        formats::findings::read_gate_report(text, path == "-" ? "standard input" : path,
                                            formats::findings::finding_report_limits()));
    documents.push_back(std::move(document));
  }
  std::vector<const event::GateReport*> reports;
  for (const auto& document : documents) reports.push_back(&document.report);
  TRY(const std::vector<event::ScannerRun> stages, stages_of(options.stages));
  TRY(const event::RunRecord record, record_of(reports, options.facts, stages));
  TRY_VOID(check_time(record.run.facts.time, options.now));
  return keep(options.store, record);
}

Result<HistoryAdded> add_findings(const HistoryAddOptions& options) {
  std::vector<formats::findings::FindingReport> reports;
  for (const std::string& path : options.reports) {
    TRY(formats::findings::FindingReport report, read_report(path));
    reports.push_back(std::move(report));
  }
  merge_others(reports);
  event::RunFacts facts = options.facts;
  const TimeCounts counts = facts.time != 0 ? TimeCounts::kYes : TimeCounts::kNo;
  if (facts.time == 0) facts.time = options.now;
  TRY_VOID(check_time(facts.time, options.now));
  TRY(const event::RunRecord record, record_of_findings(reports, std::move(facts), counts));
  return keep(options.store, record);
}

Result<event::ProgrammeReport> measure_history(const std::string& store,
                                               const MeasureOptions& options) {
  TRY(ProgrammeStore kept, ProgrammeStore::open(store));
  TRY(ProgrammeStore::Reading reading, kept.read());
  Measure measure(options, reading.findings(), reading.dismissals());
  TRY_VOID(reading.each_run(options.repository, options.now,
                            [&](const event::ProgrammeRun& run) -> Result<void> {
                              measure.add(run);
                              return {};
                            }));
  return measure.finish();
}

Result<std::vector<event::FindingHistory>> list_findings(const std::string& store,
                                                         const HistoryQuery& query) {
  if (!query.finding.empty()) TRY_VOID(check_prefix(query.finding));
  TRY(ProgrammeStore kept, ProgrammeStore::open(store));
  TRY(ProgrammeStore::Reading reading, kept.read());
  Collector collector(query, reading);
  TRY_VOID(reading.each_run(query.repository, query.now,
                            [&](const event::ProgrammeRun& run) -> Result<void> {
                              collector.add(run);
                              return {};
                            }));
  return collector.finish();
}

Result<std::vector<ListedRun>> list_runs(const std::string& store, const HistoryQuery& query,
                                         std::size_t runs_max) {
  TRY(ProgrammeStore kept, ProgrammeStore::open(store));
  TRY(ProgrammeStore::Reading reading, kept.read());
  std::vector<ListedRun> runs;
  TRY_VOID(reading.each_run(
      query.repository, query.now, [&](const event::ProgrammeRun& run) -> Result<void> {
        const bool is_asked =
            query.branches.empty() ||
            std::ranges::find(query.branches, run.facts.branch) != query.branches.end();
        if (!is_asked) return {};
        ListedRun& one = runs.emplace_back(ListedRun{run, 0});
        for (std::size_t i = 0; i < run.sightings.size(); ++i)
          one.findings +=
              i == 0 || run.sightings[i].finding != run.sightings[i - 1].finding ? 1 : 0;
        one.run.sightings = {};
        return {};
      }));
  std::ranges::stable_sort(runs, std::greater<>(),
                           [](const ListedRun& one) { return one.run.facts.time; });
  if (runs.size() > runs_max) runs.resize(runs_max);
  return runs;
}

Result<std::string> dismiss_finding(const std::string& store, event::Dismissal dismissal) {
  TRY_VOID(check_prefix(dismissal.finding));
  TRY(ProgrammeStore kept, ProgrammeStore::open(store));
  std::string identity;
  {
    TRY(const ProgrammeStore::Reading reading, kept.read());
    for (const event::ProgrammeFinding& one : reading.findings()) {
      if (!one.identity.starts_with(dismissal.finding)) continue;
      if (!identity.empty())
        return failure(ErrorCode::kInvalid,
                       fmt::format("expected one finding, found several that begin with {}; give "
                                   "more of its identity",
                                   dismissal.finding));
      identity = one.identity;
    }
  }
  if (identity.empty())
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected a finding of the history, found none that begins with {}; "
                               "`vedette history list` tells all",
                               dismissal.finding));
  dismissal.finding = identity;
  TRY_VOID(kept.dismiss(dismissal));
  return identity;
}

Result<std::vector<Diagnostic>> check_history(const std::string& store) {
  TRY(ProgrammeStore kept, ProgrammeStore::open(store));
  return kept.check();
}

}  // namespace vedette::engine
