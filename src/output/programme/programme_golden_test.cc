// SPDX-License-Identifier: Apache-2.0
// Every format over the same figures, compared with tests/conformance/output/programme_NAME.golden.
// UPDATE=1 writes the expectations anew.
#include <cstdlib>
#include <gtest/gtest.h>

#include "base/file.h"
#include "output/programme/history_lists.h"
#include "output/programme/programme_formats.h"

namespace vedette::output {
namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 20;
constexpr TimeNs kDay = TimeNs{86'400} * kNsPerSecond;
constexpr TimeNs kStart = TimeNs{20'458} * kDay;  // a Monday
// What a repository, branch, scanner or rule may be called by somebody who means harm.
const std::string kHostile = "</script><img src=x onerror=alert(1)>\"'&\n\x1b[31m\xFF\\";

event::ProgrammeReport sample() {
  event::ProgrammeReport report;
  report.now = kStart + 20 * kDay;
  report.since = kStart - kDay;
  report.branches = {"main", kHostile};
  report.verdicts = {3, 4, 13};
  report.repositories = {{"example/shop", {3, 4, 12}, 1, 2, kStart + 19 * kDay},
                         {kHostile, {0, 0, 1}, 0, 0, kStart}};
  report.remediation = {{event::Level::kCritical, "vulnerability", 3, 86'400 * 2.5, 86'400},
                        {event::Level::kHigh, kHostile, 1, 3600, 3600}};
  report.false_positives = {{"secret", 40, 5}, {"vulnerability", 200, 0}};
  report.releases = {{"example/shop", "v1.0", kStart, {0, 5, 3, 1, 0}, 2},
                     {"example/shop", "v1.1 " + kHostile, kStart + 8 * kDay, {0, 5, 2, 0, 0}, 2}};
  report.coverage = {
      {"example/shop", "packages", 19, 18, 21, kStart + 19 * kDay, kStart + 18 * kDay},
      {"example/shop", kHostile, 2, 0, 21, kStart, std::nullopt}};
  report.open = {{"example/shop", "secret", {1, 2, 0, 1, 0}},
                 {"example/shop", "vulnerability", {0, 7, 1200, 2, 1}}};
  for (std::size_t i = 0; i < report.ages.size(); ++i) {
    report.ages[i].days = i < event::kAgeDays.size() ? event::kAgeDays[i] : 0;
    report.ages[i].findings = {i, 0, 200, i % 2, 0};
  }
  report.open_seconds = 1e9;
  report.waived = 4;
  report.dismissed = 1;
  report.costs = {{"packages", 19, 41.5, 2, 4.25}, {kHostile, 2, 0.5, 0.25, 0.25}};
  for (int i = 0; i < 3; ++i) {
    const auto count = static_cast<std::uint64_t>(i);
    report.weeks.push_back({kStart + 7 * i * kDay,
                            {count, 2, 5},
                            4 - count,
                            count / 2,
                            count,
                            {1, 9, 1200 - 100 * count, 3, 1}});
  }
  report.weeks_left_out = 2;
  return report;
}

event::FindingHistory finding() {
  event::FindingHistory one;
  one.finding = {std::string(32, 'a'), "vulnerability",        "CVE-2026-1", kHostile,
                 "lodash 4.17.19",     "web/package-lock.json"};
  one.repository = "example/shop";
  one.branch = "main";
  one.standing = event::FindingStanding::kDismissed;
  one.severity = event::Level::kCritical;
  one.verdict = event::Verdict::kBlock;
  one.exception = event::Exception::kMitigated;
  one.scanner = "packages";
  one.first_seen = kStart;
  one.last_seen = kStart + kDay;
  one.first_run = std::string(32, '1');
  one.first_commit = std::string(40, 'c');
  one.last_run = std::string(32, '2');
  one.changes = {{event::ChangeKind::kFirstSeen, 0, kStart, one.first_run, one.first_commit,
                  event::Level::kHigh, event::Exception::kNone},
                 {event::ChangeKind::kSeverity, 0, kStart + kDay, one.last_run, "",
                  event::Level::kCritical, event::Exception::kNone}};
  one.dismissals = {
      {one.finding.identity, "", event::Exception::kMitigated, "ada", kHostile, kStart + kDay / 2}};
  return one;
}

void compare(const std::string& name, const std::string& text) {
  const std::string path =
      std::string(VEDETTE_SOURCE_DIR) + "/tests/conformance/output/programme_" + name + ".golden";
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_whole(path, text));
  }
  const auto expected = read_file(path, kFileMax);
  ASSERT_TRUE(expected) << expected.error().message;
  EXPECT_EQ(text, *expected);
}

TEST(ProgrammeGolden, EveryFormat) {
  for (const ProgrammeFormat& format : programme_formats())
    compare(std::string(format.name),
            format.write(sample(), {.colour = false, .version = "1.2.3"}));
  compare("table_colour", programme_table(sample(), {.colour = true, .version = "1.2.3"}));
}

TEST(ProgrammeGolden, NothingYet) {
  event::ProgrammeReport empty;
  empty.now = kStart;
  empty.since = INT64_MIN;
  for (const ProgrammeFormat& format : programme_formats())
    compare("empty_" + std::string(format.name),
            format.write(empty, {.colour = false, .version = "1.2.3"}));
}

TEST(ProgrammeGolden, Lists) {
  const std::array findings = {finding()};
  compare("list_table", history_findings_table(findings));
  compare("list_json", history_findings_json(findings));
  compare("show_table", history_details_table(findings));
  event::ProgrammeRun run;
  run.id = std::string(32, '1');
  run.facts = {kHostile, std::string(40, 'c'), "", "v1.0", "nightly", kStart};
  run.scanners = {{"packages", false, std::nullopt}, {"secrets", true, kNsPerSecond / 4}};
  const std::array rows = {HistoryRunRow{&run, 7}};
  compare("runs_table", history_runs_table(rows));
  compare("runs_json", history_runs_json(rows));
}

// Whatever anybody is called: no markup of theirs, no control character, no script.
TEST(ProgrammeGolden, HostileNamesAreText) {
  for (const ProgrammeFormat& format : programme_formats()) {
    const std::string text = format.write(sample(), {.colour = false, .version = kHostile});
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << format.name;
    EXPECT_EQ(text.find('\xFF'), std::string::npos) << format.name;
    if (format.name != "html") continue;
    EXPECT_EQ(text.find("<script"), std::string::npos);
    EXPECT_EQ(text.find("</script"), std::string::npos);
    EXPECT_EQ(text.find("<img"), std::string::npos);
    EXPECT_EQ(text.find("onerror=alert(1)>"), std::string::npos);
    EXPECT_EQ(text.find("style=\""), std::string::npos);  // which the page's policy would refuse
  }
}

}  // namespace
}  // namespace vedette::output
