// SPDX-License-Identifier: Apache-2.0
#include "output/programme/programme_formats.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "output/programme/programme_words.h"

namespace vedette::output {
namespace {

constexpr std::array<ProgrammeFormat, 4> kFormats = {{
    {"table", "for people: the figures, section by section", programme_table},
    {"json", "one JSON object with every figure", programme_json},
    {"prometheus", "for the textfile collector of Prometheus' node exporter", programme_prometheus},
    {"html", "one page with charts, without scripts or requests", programme_html},
}};

void append_levels(std::string_view key, const event::LevelCounts& counts, JsonWriter& json) {
  json.key(key).begin_object();
  for (std::size_t level = counts.size(); level-- > 0;)
    json.key(event::kLevelNames[level]).number(counts[level]);
  json.end_object();
}

void append_verdicts(const event::VerdictCounts& one, JsonWriter& json) {
  json.key("blocked").number(one.blocked).key("warned").number(one.warned);
  json.key("passed").number(one.passed);
}

void append_runs(const event::ProgrammeReport& report, JsonWriter& json) {
  const event::VerdictCounts& all = report.verdicts;
  json.key("runs").begin_object().key("judged").number(all.judged());
  append_verdicts(all, json);
  json.key("blocked_share").number(share_of(all.blocked, all.judged()));
  json.key("warned_share").number(share_of(all.warned, all.judged())).end_object();
  json.key("repositories").begin_array();
  for (const event::RepositoryRuns& one : report.repositories) {
    json.begin_object().key("repository").string(one.repository);
    append_verdicts(one.verdicts, json);
    json.key("incomplete").number(one.incomplete).key("imported").number(one.imported);
    json.key("last").string(format_time(one.last)).end_object();
  }
  json.end_array();
}

void append_remediation(const event::ProgrammeReport& report, JsonWriter& json) {
  json.key("remediation").begin_array();
  for (const event::Remediation& one : report.remediation) {
    json.begin_object().key("severity").string(event::to_string(one.severity));
    json.key("kind").string(one.kind).key("count").number(one.count);
    json.key("mean_seconds").number(one.mean_seconds);
    json.key("median_seconds").number(one.median_seconds).end_object();
  }
  json.end_array();
}

void append_false_positives(const event::ProgrammeReport& report, JsonWriter& json) {
  const auto append = [&json](const event::FalsePositives& one) {
    json.key("findings").number(one.findings).key("false_positives").number(one.false_positives);
    json.key("rate").number(share_of(one.false_positives, one.findings));
  };
  json.key("false_positives").begin_object();
  append(all_false_positives(report));
  json.key("kinds").begin_array();
  for (const event::FalsePositives& one : report.false_positives) {
    json.begin_object().key("kind").string(one.kind);
    append(one);
    json.end_object();
  }
  json.end_array().end_object();
}

void append_open(const event::ProgrammeReport& report, JsonWriter& json) {
  const event::LevelCounts counts = open_counts(report);
  const std::uint64_t total = sum_of(counts);
  json.key("open").begin_object().key("total").number(total);
  append_levels("findings", counts, json);
  if (total != 0)
    json.key("mean_age_seconds").number(report.open_seconds / static_cast<double>(total));
  json.key("waived").number(report.waived).key("dismissed").number(report.dismissed);
  json.key("repositories").begin_array();
  for (const event::OpenFindings& one : report.open) {
    json.begin_object().key("repository").string(one.repository).key("kind").string(one.kind);
    append_levels("findings", one.findings, json);
    json.end_object();
  }
  json.end_array().key("ages").begin_array();
  for (const event::OpenAges& one : report.ages) {
    json.begin_object().key("days_below");
    if (one.days == 0) {
      json.null();
    } else {
      json.number(one.days);
    }
    append_levels("findings", one.findings, json);
    json.end_object();
  }
  json.end_array().end_object();
}

void append_releases(const event::ProgrammeReport& report, JsonWriter& json) {
  json.key("releases").begin_array();
  for (const event::ReleaseFindings& one : report.releases) {
    json.begin_object().key("repository").string(one.repository);
    json.key("release").string(one.release).key("time").string(format_time(one.time));
    append_levels("findings", one.findings, json);
    json.key("excepted").number(one.excepted).end_object();
  }
  json.end_array();
}

void append_scanners(const event::ProgrammeReport& report, JsonWriter& json) {
  json.key("coverage").begin_array();
  for (const event::Coverage& one : report.coverage) {
    json.begin_object().key("repository").string(one.repository);
    json.key("scanner").string(one.scanner).key("runs").number(one.runs);
    json.key("complete").number(one.complete).key("of_runs").number(one.of_runs);
    json.key("last").string(format_time(one.last));
    if (one.last_complete) json.key("last_complete").string(format_time(*one.last_complete));
    json.end_object();
  }
  json.end_array().key("costs").begin_array();
  for (const event::ScannerCost& one : report.costs) {
    json.begin_object().key("scanner").string(one.scanner).key("runs").number(one.runs);
    json.key("total_seconds").number(one.total_seconds);
    json.key("median_seconds").number(one.median_seconds);
    json.key("p95_seconds").number(one.p95_seconds).end_object();
  }
  json.end_array();
}

void append_weeks(const event::ProgrammeReport& report, JsonWriter& json) {
  json.key("weeks_left_out").number(report.weeks_left_out).key("weeks").begin_array();
  for (const event::ProgrammeWeek& one : report.weeks) {
    json.begin_object().key("start").string(date_text(one.start));
    append_verdicts(one.verdicts, json);
    json.key("opened").number(one.opened).key("reopened").number(one.reopened);
    json.key("fixed").number(one.fixed);
    append_levels("open", one.open, json);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::span<const ProgrammeFormat> programme_formats() { return kFormats; }

Result<std::string> programme_text(std::string_view format, const event::ProgrammeReport& report,
                                   const ProgrammeTextOptions& options) {
  const auto* const row = std::ranges::find(kFormats, format, &ProgrammeFormat::name);
  if (row != kFormats.end()) return row->write(report, options);
  std::string known;
  for (const ProgrammeFormat& each : kFormats) (known += known.empty() ? "" : ", ") += each.name;
  return failure(ErrorCode::kInvalid,
                 "expected a format out of " + known + ", found \"" + std::string(format) + '"');
}

std::string programme_json(const event::ProgrammeReport& report,
                           const ProgrammeTextOptions& options) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("version").string(options.version);
  json.key("now").string(format_time(report.now));
  if (report.since != INT64_MIN) json.key("since").string(format_time(report.since));
  if (!report.repository.empty()) json.key("repository").string(report.repository);
  json.key("branches").begin_array();
  for (const std::string& one : report.branches) json.string(one);
  json.end_array();
  append_runs(report, json);
  append_remediation(report, json);
  append_false_positives(report, json);
  append_open(report, json);
  append_releases(report, json);
  append_scanners(report, json);
  append_weeks(report, json);
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace vedette::output
