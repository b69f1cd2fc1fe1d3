// SPDX-License-Identifier: Apache-2.0
#include "output/programme/history_lists.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <tuple>
#include <vector>

#include "base/json_writer.h"
#include "output/finding/finding_text.h"
#include "output/programme/programme_words.h"
#include "output/quantity.h"
#include "output/table/text_columns.h"

namespace vedette::output {
namespace {

using event::FindingHistory;

constexpr std::size_t kShortId = 12;

std::string_view standing_of(const FindingHistory& one) {
  return event::kStandingNames[static_cast<std::size_t>(one.standing)];
}

std::string_view verdict_of(const event::ProgrammeRun& run) {
  return run.verdict ? event::to_string(*run.verdict) : "imported";
}

std::string minute_text(TimeNs time) {
  std::string text = format_time(time).substr(0, 16);
  text.replace(10, 1, " ");
  return text;
}

void append_change(const event::FindingChange& one, JsonWriter& json) {
  json.begin_object().key("change");
  json.string(event::kChangeNames[static_cast<std::size_t>(one.kind)]);
  json.key("time").string(format_time(one.time)).key("run").string(one.run);
  json.key("commit").string(one.commit).key("severity").string(event::to_string(one.severity));
  if (one.exception != event::Exception::kNone)
    json.key("exception").string(event::to_string(one.exception));
  json.end_object();
}

void append_dismissal(const event::Dismissal& one, JsonWriter& json) {
  json.begin_object().key("reason").string(event::to_string(one.reason));
  json.key("time").string(format_time(one.time)).key("by").string(one.by);
  if (!one.note.empty()) json.key("note").string(one.note);
  json.end_object();
}

void append_finding(const FindingHistory& one, JsonWriter& json) {
  const event::ProgrammeFinding& finding = one.finding;
  json.begin_object().key("finding").string(finding.identity);
  json.key("standing").string(standing_of(one)).key("repository").string(one.repository);
  json.key("branch").string(one.branch).key("kind").string(finding.kind);
  json.key("severity").string(event::to_string(one.severity));
  json.key("verdict").string(event::to_string(one.verdict));
  if (one.exception != event::Exception::kNone)
    json.key("exception").string(event::to_string(one.exception));
  json.key("rule").string(finding.rule).key("title").string(finding.title);
  if (!finding.package.empty()) json.key("package").string(finding.package);
  json.key("path").string(finding.path).key("scanner").string(one.scanner);
  const auto seen = [&json](std::string_view key, TimeNs time, const std::string& run,
                            const std::string& commit) {
    json.key(key).begin_object().key("time").string(format_time(time));
    json.key("run").string(run).key("commit").string(commit).end_object();
  };
  seen("first_seen", one.first_seen, one.first_run, one.first_commit);
  seen("last_seen", one.last_seen, one.last_run, one.last_commit);
  if (one.fixed) json.key("fixed").string(format_time(*one.fixed));
  if (!one.changes.empty()) {
    json.key("changes").begin_array();
    for (const event::FindingChange& change : one.changes) append_change(change, json);
    json.end_array().key("dismissals").begin_array();
    for (const event::Dismissal& dismissal : one.dismissals) append_dismissal(dismissal, json);
    json.end_array();
  }
  json.end_object();
}

std::string_view sentence_of(event::ChangeKind kind) {
  switch (kind) {
    case event::ChangeKind::kFirstSeen:
      return "first seen";
    case event::ChangeKind::kFixed:
      return "gone";
    case event::ChangeKind::kReopened:
      return "there again";
    case event::ChangeKind::kWaived:
      return "waived";
    case event::ChangeKind::kWaiverEnded:
      return "not waived any more";
    case event::ChangeKind::kSeverity:
      return "severity changed";
  }
  return "";
}

// Changes and dismissals in the order of their times.
TextColumns events_of(const FindingHistory& one) {
  using Row = std::tuple<TimeNs, std::string, std::string>;
  std::vector<Row> rows;
  for (const event::FindingChange& change : one.changes) {
    std::string what =
        fmt::format("{}, {}", sentence_of(change.kind), event::to_string(change.severity));
    if (change.kind == event::ChangeKind::kWaived)
      what += fmt::format(", {}", event::to_string(change.exception));
    rows.emplace_back(change.time, std::move(what),
                      change.commit.empty() ? "run " + change.run.substr(0, kShortId)
                                            : "commit " + change.commit.substr(0, kShortId));
  }
  for (const event::Dismissal& dismissal : one.dismissals) {
    std::string what = dismissal.reason == event::Exception::kNone
                           ? "dismissal taken back"
                           : fmt::format("dismissed as {}", event::to_string(dismissal.reason));
    rows.emplace_back(dismissal.time, std::move(what),
                      dismissal.by + (dismissal.note.empty() ? "" : ": " + dismissal.note));
  }
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return std::get<0>(row); });
  TextColumns columns({"time", "what", "where"});
  for (auto& [time, what, where] : rows) columns.add({minute_text(time), what, where});
  return columns;
}

}  // namespace

std::string history_findings_table(std::span<const FindingHistory> findings) {
  TextColumns columns({"finding", "standing", "severity", "repository", "branch", "kind", "what",
                       "where", "first seen", "last seen"});
  for (const FindingHistory& one : findings) {
    const event::ProgrammeFinding& finding = one.finding;
    columns.add({finding.identity.substr(0, kShortId), std::string(standing_of(one)),
                 std::string(event::to_string(one.severity)), one.repository,
                 branch_text(one.branch), finding.kind, finding.title,
                 finding.package.empty() ? finding.path : finding.package,
                 date_text(one.first_seen), date_text(one.last_seen)});
  }
  std::string out;
  if (!columns.empty()) columns.append("", "", out);
  out += fmt::format("{} finding{}\n", count_text(findings.size()), plural(findings.size()));
  return out;
}

std::string history_findings_json(std::span<const FindingHistory> findings) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("findings").begin_array();
  for (const FindingHistory& one : findings) append_finding(one, json);
  json.end_array().end_object();
  out += '\n';
  return out;
}

std::string history_details_table(std::span<const FindingHistory> findings) {
  std::string out;
  for (const FindingHistory& one : findings) {
    const event::ProgrammeFinding& finding = one.finding;
    if (!out.empty()) out += '\n';
    out += fmt::format("{} {} {}: {}\n", event::to_string(one.severity), visible(finding.kind),
                       visible(finding.rule), visible(finding.title));
    out +=
        fmt::format("finding {}\n{} in {}, branch {}; told by {}, verdict {}\n", finding.identity,
                    standing_of(one), visible(one.repository), visible(branch_text(one.branch)),
                    visible(one.scanner), event::to_string(one.verdict));
    if (!finding.package.empty()) out += visible(finding.package) + '\n';
    if (!finding.path.empty()) out += visible(finding.path) + '\n';
    events_of(one).append("", "", out);
  }
  return out;
}

std::string history_runs_table(std::span<const HistoryRunRow> runs) {
  TextColumns columns({"run", "time", "repository", "branch", "release", "commit", "verdict",
                       "findings", "scanners"});
  for (const HistoryRunRow& row : runs) {
    const event::ProgrammeRun& run = *row.run;
    std::string scanners;
    for (const event::ScannerRun& one : run.scanners)
      scanners += (scanners.empty() ? "" : ", ") + one.name + (one.complete ? "" : " (incomplete)");
    columns.add({run.id.substr(0, kShortId), minute_text(run.facts.time), run.facts.repository,
                 branch_text(run.facts.branch), run.facts.release,
                 run.facts.commit.substr(0, kShortId), std::string(verdict_of(run)),
                 count_text(row.findings), scanners});
  }
  std::string out;
  if (!columns.empty()) columns.append("", "", out);
  out += fmt::format("{} run{}\n", count_text(runs.size()), plural(runs.size()));
  return out;
}

std::string history_runs_json(std::span<const HistoryRunRow> runs) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("runs").begin_array();
  for (const HistoryRunRow& row : runs) {
    const event::ProgrammeRun& run = *row.run;
    json.begin_object().key("run").string(run.id).key("time").string(format_time(run.facts.time));
    json.key("repository").string(run.facts.repository).key("branch").string(run.facts.branch);
    json.key("commit").string(run.facts.commit);
    if (!run.facts.release.empty()) json.key("release").string(run.facts.release);
    if (!run.facts.pipeline.empty()) json.key("pipeline").string(run.facts.pipeline);
    json.key("verdict").string(verdict_of(run)).key("incomplete").boolean(run.incomplete);
    json.key("findings").number(row.findings).key("scanners").begin_array();
    for (const event::ScannerRun& one : run.scanners) {
      json.begin_object().key("name").string(one.name).key("complete").boolean(one.complete);
      if (one.duration)
        json.key("seconds").number(static_cast<double>(*one.duration) /
                                   static_cast<double>(kNsPerSecond));
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  out += '\n';
  return out;
}

}  // namespace vedette::output
