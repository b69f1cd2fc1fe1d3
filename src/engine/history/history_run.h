// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "engine/history/measure.h"
#include "event/programme_report.h"

// What `vedette history` and `vedette report` do. `store` is the file (store/programme_store.h);
// only what adds makes it.
namespace vedette::engine {

struct HistoryAdded {
  std::string id;
  bool is_new = false;  // false: the same run was there already, and nothing was changed
  std::optional<event::Verdict> verdict;
  std::uint64_t findings = 0;
};

// A run at hand with its stages. See record_of() for what is kept.
Result<HistoryAdded> keep_run(const std::string& store, const event::GateReport& report,
                              const event::RunFacts& facts);

struct HistoryAddOptions {
  std::string store;
  event::RunFacts facts;             // time 0: that of the reports; of findings: `now`
  std::vector<std::string> reports;  // "-": standard input
  std::string stages;                // a file; empty: none
  TimeNs now = 0;
};
// Of what `vedette gate --format json` wrote.
Result<HistoryAdded> add_run(const HistoryAddOptions& options);
// Of findings that nobody judged: SARIF, CycloneDX or our own. What several tell stays once.
Result<HistoryAdded> add_findings(const HistoryAddOptions& options);

Result<event::ProgrammeReport> measure_history(const std::string& store,
                                               const MeasureOptions& options);

struct HistoryQuery {
  std::string repository;             // empty: all
  std::vector<std::string> branches;  // empty: the main ones (branches.h)
  bool all_branches = false;
  std::string finding;  // the begin of an identity; empty: all
  std::optional<event::FindingStanding> standing;
  bool with_changes = false;
  TimeNs now = 0;
};
// By standing, the gravest first, the oldest first.
Result<std::vector<event::FindingHistory>> list_findings(const std::string& store,
                                                         const HistoryQuery& query);
// The latest first; without sightings, but counted.
struct ListedRun {
  event::ProgrammeRun run;
  std::uint64_t findings = 0;
};
Result<std::vector<ListedRun>> list_runs(const std::string& store, const HistoryQuery& query,
                                         std::size_t runs_max);

// `dismissal.finding` may be the begin of an identity that is the only one. Returns the whole.
Result<std::string> dismiss_finding(const std::string& store, event::Dismissal dismissal);

Result<std::vector<Diagnostic>> check_history(const std::string& store);

}  // namespace vedette::engine
