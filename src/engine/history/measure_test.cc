// SPDX-License-Identifier: Apache-2.0
#include "engine/history/measure.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "engine/history/branch_meter.h"

namespace vedette::engine {
namespace {

using event::Exception;
using event::Level;
using event::ProgrammeRun;
using event::Verdict;

constexpr TimeNs kDay = TimeNs{86'400} * kNsPerSecond;
constexpr TimeNs kHour = TimeNs{3600} * kNsPerSecond;
// A Monday.
constexpr TimeNs kStart = TimeNs{20'458} * kDay;

struct History {
  std::vector<event::ProgrammeFinding> findings;
  std::vector<event::Dismissal> dismissals;
  std::vector<ProgrammeRun> runs;

  event::ProgrammeReport measure(MeasureOptions options) {
    std::ranges::stable_sort(runs, [](const ProgrammeRun& a, const ProgrammeRun& b) {
      const auto key = [](const ProgrammeRun& one) {
        return std::tuple(one.facts.repository, one.facts.branch, one.facts.time, one.id);
      };
      return key(a) < key(b);
    });
    Measure measure(options, findings, dismissals);
    for (const ProgrammeRun& run : runs) {
      if (run.facts.time <= options.now) measure.add(run);
    }
    return measure.finish();
  }
};

class MeasureTest : public testing::Test {
 protected:
  MeasureTest() {
    for (int i = 0; i < 6; ++i)
      history_.findings.push_back({fmt::format("{:032x}", i), i < 3 ? "secret" : "vulnerability",
                                   "rule", "title", "", "path"});
  }

  // A run of secrets and packages that saw everything and told of these.
  ProgrammeRun& run(TimeNs time, const std::vector<std::uint32_t>& told,
                    Verdict verdict = Verdict::kWarn) {
    ProgrammeRun& one = history_.runs.emplace_back();
    one.id = fmt::format("{:032x}", history_.runs.size());
    one.facts = {"shop", "c", "main", "", "", time};
    one.verdict = verdict;
    one.scanners = {{"packages", true, std::nullopt}, {"secrets", true, std::nullopt}};
    for (const std::uint32_t finding : told)
      one.sightings.push_back(
          {finding, finding < 3 ? 1U : 0U, Level::kHigh, verdict, Exception::kNone});
    return one;
  }
  event::ProgrammeReport measure(TimeNs now, TimeNs since = INT64_MIN) {
    return history_.measure({.now = now, .since = since, .repository = "", .branches = {}});
  }

  History history_;
};

TEST_F(MeasureTest, TimeToRemediateIsFromBeingSeenToBeingGone) {
  run(kStart, {0, 1, 2, 3});
  run(kStart + kDay, {1, 2, 3});
  run(kStart + 2 * kDay, {2, 3});
  run(kStart + 6 * kDay, {3});
  const auto report = measure(kStart + 8 * kDay);
  ASSERT_EQ(report.remediation.size(), 1U);
  EXPECT_EQ(report.remediation[0].kind, "secret");
  EXPECT_EQ(report.remediation[0].count, 3U);
  EXPECT_DOUBLE_EQ(report.remediation[0].mean_seconds, 3 * 86'400);  // of 1, 2 and 6 days
  EXPECT_DOUBLE_EQ(report.remediation[0].median_seconds, 2 * 86'400);
  ASSERT_EQ(report.open.size(), 1U);
  EXPECT_EQ(report.open[0].kind, "vulnerability");
  EXPECT_EQ(report.open[0].findings[static_cast<std::size_t>(Level::kHigh)], 1U);
  EXPECT_EQ(report.ages[2].findings[static_cast<std::size_t>(Level::kHigh)], 1U);  // 7 to 30 days
}

TEST_F(MeasureTest, TheMedianOfAnEvenCountIsBetweenTheTwoInTheMiddle) {
  run(kStart, {0, 1});
  run(kStart + kDay, {1});
  run(kStart + 4 * kDay, {});
  EXPECT_DOUBLE_EQ(measure(kStart + 5 * kDay).remediation[0].median_seconds, 2.5 * 86'400);
}

TEST_F(MeasureTest, WhoDidNotLookFixesNothing) {
  run(kStart, {0, 3});
  run(kStart + kDay, {}).scanners = {{"packages", true, std::nullopt}};
  auto report = measure(kStart + 2 * kDay);
  ASSERT_EQ(report.open.size(), 1U);
  EXPECT_EQ(report.open[0].kind, "secret");
  ASSERT_EQ(report.remediation.size(), 1U);
  EXPECT_EQ(report.remediation[0].kind, "vulnerability");
  run(kStart + 2 * kDay, {}).scanners = {{"secrets", false, std::nullopt}};
  EXPECT_EQ(measure(kStart + 3 * kDay).open.size(), 1U);
  run(kStart + 3 * kDay, {});
  EXPECT_TRUE(measure(kStart + 4 * kDay).open.empty());
}

TEST_F(MeasureTest, WhatTwoScannersToldIsGoneWhenBothLooked) {
  ProgrammeRun& first = run(kStart, {3});
  first.scanners = {{"Trivy", true, std::nullopt}, {"packages", true, std::nullopt}};
  first.sightings.push_back({3, 1, Level::kHigh, Verdict::kWarn, Exception::kNone});
  run(kStart + kDay, {});
  EXPECT_EQ(measure(kStart + kDay).open.size(), 1U);
  run(kStart + 2 * kDay, {}).scanners = {{"Trivy", true, std::nullopt}};
  EXPECT_TRUE(measure(kStart + 2 * kDay).open.empty());
}

TEST_F(MeasureTest, WhatComesBackCountsFromThen) {
  run(kStart, {0});
  run(kStart + 10 * kDay, {});
  run(kStart + 20 * kDay, {0});
  run(kStart + 22 * kDay, {});
  const auto report = measure(kStart + 30 * kDay);
  EXPECT_EQ(report.remediation[0].count, 2U);
  EXPECT_DOUBLE_EQ(report.remediation[0].mean_seconds, 6 * 86'400);
  std::uint64_t reopened = 0;
  for (const auto& week : report.weeks) reopened += week.reopened;
  EXPECT_EQ(reopened, 1U);
}

TEST_F(MeasureTest, FalsePositivesAreNotRemedied) {
  run(kStart, {0, 1, 2}).sightings[0].exception = Exception::kFalsePositive;
  history_.dismissals.push_back(
      {history_.findings[1].identity, "", Exception::kFalsePositive, "ada", "", kStart + kHour});
  run(kStart + kDay, {});
  const auto report = measure(kStart + kDay);
  EXPECT_EQ(report.remediation[0].count, 1U);
  ASSERT_EQ(report.false_positives.size(), 1U);
  EXPECT_EQ(report.false_positives[0].findings, 3U);
  EXPECT_EQ(report.false_positives[0].false_positives, 2U);
}

TEST_F(MeasureTest, WaivedAndDismissedAreNotOpen) {
  run(kStart, {0, 1, 2}).sightings[0].exception = Exception::kAccepted;
  history_.dismissals.push_back(
      {history_.findings[1].identity, "shop", Exception::kMitigated, "ada", "", kStart});
  history_.dismissals.push_back(
      {history_.findings[2].identity, "other", Exception::kMitigated, "ada", "", kStart});
  auto report = measure(kStart + kDay);
  EXPECT_EQ(report.waived, 1U);
  EXPECT_EQ(report.dismissed, 1U);
  EXPECT_EQ(report.open[0].findings[static_cast<std::size_t>(Level::kHigh)], 1U);
  history_.dismissals.push_back(
      {history_.findings[1].identity, "", Exception::kNone, "ada", "", kStart + kHour});
  report = measure(kStart + kDay);
  EXPECT_EQ(report.dismissed, 0U);
  EXPECT_EQ(report.open[0].findings[static_cast<std::size_t>(Level::kHigh)], 2U);
}

TEST_F(MeasureTest, CountsVerdictsWithoutWhatWasImported) {
  run(kStart, {}, Verdict::kBlock);
  run(kStart + kHour, {}, Verdict::kWarn);
  run(kStart + 2 * kHour, {}, Verdict::kTrack);
  run(kStart + 3 * kHour, {}, Verdict::kAllow);
  run(kStart + 4 * kHour, {}).verdict.reset();
  const auto report = measure(kStart + kDay);
  EXPECT_EQ(report.verdicts.blocked, 1U);
  EXPECT_EQ(report.verdicts.warned, 1U);
  EXPECT_EQ(report.verdicts.passed, 2U);
  EXPECT_EQ(report.repositories[0].imported, 1U);
}

TEST_F(MeasureTest, CostsAreByTheNearestRank) {
  for (int i = 1; i <= 20; ++i)
    run(kStart + i * kHour, {}).scanners = {{"secrets", true, i * kNsPerSecond}};
  const auto report = measure(kStart + kDay);
  ASSERT_EQ(report.costs.size(), 1U);
  EXPECT_DOUBLE_EQ(report.costs[0].median_seconds, 10.5);
  EXPECT_DOUBLE_EQ(report.costs[0].p95_seconds, 19);
  EXPECT_DOUBLE_EQ(report.costs[0].total_seconds, 210);
}

TEST_F(MeasureTest, AReleaseIsItsLastRun) {
  run(kStart, {0, 1}).facts.release = "v1";
  ProgrammeRun& last = run(kStart + kDay, {0, 3});
  last.facts.release = "v1";
  last.facts.branch = "";
  last.sightings[1].exception = Exception::kAccepted;
  const auto report = measure(kStart + 2 * kDay);
  ASSERT_EQ(report.releases.size(), 1U);
  EXPECT_EQ(report.releases[0].time, kStart + kDay);
  EXPECT_EQ(report.releases[0].findings[static_cast<std::size_t>(Level::kHigh)], 1U);
  EXPECT_EQ(report.releases[0].excepted, 1U);
  // On no branch it neither opens nor fixes.
  EXPECT_EQ(report.open[0].findings[static_cast<std::size_t>(Level::kHigh)], 2U);
}

TEST_F(MeasureTest, FindingsOfMainBranchesCount) {
  run(kStart, {0});
  for (int i = 0; i < 3; ++i) run(kStart + i * kHour, {1, 2}).facts.branch = "topic";
  run(kStart, {3}).facts = {"tool", "c", "topic", "", "", kStart};
  const auto report = measure(kStart + kDay);
  ASSERT_EQ(report.open.size(), 2U);
  EXPECT_EQ(report.open[0].findings[static_cast<std::size_t>(Level::kHigh)], 1U);
  EXPECT_EQ(report.open[1].repository, "tool");
  EXPECT_EQ(report.false_positives[0].findings, 3U);
  const auto topic = history_.measure(
      {.now = kStart + kDay, .since = INT64_MIN, .repository = "", .branches = {"topic"}});
  EXPECT_EQ(topic.open[0].findings[static_cast<std::size_t>(Level::kHigh)], 2U);
}

TEST_F(MeasureTest, WeeksHaveNoGapsAndABound) {
  run(kStart, {0});
  run(kStart + 15 * kDay, {});
  auto report = measure(kStart + 22 * kDay);
  ASSERT_EQ(report.weeks.size(), 4U);
  const auto high = static_cast<std::size_t>(Level::kHigh);
  EXPECT_EQ(report.weeks[0].start, kStart);
  EXPECT_EQ(report.weeks[0].opened, 1U);
  EXPECT_EQ(report.weeks[0].open[high], 1U);
  EXPECT_EQ(report.weeks[1].open[high], 1U);
  EXPECT_EQ(report.weeks[2].fixed, 1U);
  EXPECT_EQ(report.weeks[2].open[high], 0U);
  EXPECT_EQ(report.weeks[3].verdicts.judged(), 0U);
  report = measure(kStart + 7 * 1000 * kDay);
  EXPECT_EQ(report.weeks.size(), static_cast<std::size_t>(kWeeksMax));
  EXPECT_EQ(report.weeks_left_out, 1001U - static_cast<std::uint64_t>(kWeeksMax));
}

TEST_F(MeasureTest, SinceLeavesOutWhatWasBefore) {
  run(kStart, {0, 1}, Verdict::kBlock);
  run(kStart + kDay, {1});
  run(kStart + 10 * kDay, {});
  const auto report = measure(kStart + 11 * kDay, kStart + 9 * kDay);
  EXPECT_EQ(report.verdicts.judged(), 1U);
  EXPECT_EQ(report.remediation[0].count, 1U);
  EXPECT_DOUBLE_EQ(report.remediation[0].mean_seconds, 10 * 86'400);
}

TEST(Weeks, BeginOnMondays) {
  for (const TimeNs time : {TimeNs{0}, TimeNs{-1}, kStart, kStart - 1, kStart + 7 * kDay - 1}) {
    const TimeNs start = start_of_week(week_of(time));
    EXPECT_LE(start, time);
    EXPECT_GT(start + 7 * kDay, time);
    const CalendarTime day = to_calendar_time(start);
    EXPECT_EQ((days_from_civil(day.year, day.month, day.day) + 3) % 7, 0);
  }
}

// The same by the definitions alone: whether a finding is open is asked anew for every moment.
class Naive {
 public:
  Naive(const History& history, const MeasureOptions& options)
      : history_(history), options_(options) {
    for (const ProgrammeRun& run : history.runs) {
      if (run.facts.time <= options.now)
        branches_[{run.facts.repository, run.facts.branch}].push_back(&run);
    }
  }

  // The last word of some scanner is that it is there.
  static bool is_open(const std::vector<const ProgrammeRun*>& runs, std::size_t until,
                      std::uint32_t finding) {
    std::set<std::string> names;
    for (const ProgrammeRun* run : runs) {
      for (const auto& scanner : run->scanners) names.insert(scanner.name);
    }
    return std::ranges::any_of(names, [&](const std::string& name) {
      for (std::size_t i = until; i-- > 0;) {
        for (const auto& sighting : runs[i]->sightings) {
          if (sighting.finding == finding && runs[i]->scanners[sighting.scanner].name == name)
            return true;
        }
        for (const auto& scanner : runs[i]->scanners) {
          if (scanner.name == name && scanner.complete) return false;
        }
      }
      return false;
    });
  }

  struct Last {
    Level severity;
    Exception exception;
  };
  static Last last_told(const std::vector<const ProgrammeRun*>& runs, std::size_t until,
                        std::uint32_t finding) {
    for (std::size_t i = until; i-- > 0;) {
      std::vector<event::Sighting> told;
      for (const auto& one : runs[i]->sightings) {
        if (one.finding == finding) told.push_back(one);
      }
      if (told.empty()) continue;
      Last last{told[0].severity, told[0].exception};
      for (const auto& one : told) {
        last.severity = std::max(last.severity, one.severity);
        if (one.exception == Exception::kNone) last.exception = Exception::kNone;
      }
      return last;
    }
    return {Level::kHigh, Exception::kNone};
  }

  Exception dismissed(std::uint32_t finding, const std::string& repository, TimeNs time) const {
    Exception last = Exception::kNone;
    for (const auto& one : history_.dismissals) {
      if (one.finding == history_.findings[finding].identity && one.time <= time &&
          (one.repository.empty() || one.repository == repository))
        last = one.reason;
    }
    return last;
  }

  std::string text() {
    std::map<std::pair<int, std::string>, std::vector<double>> remediation;
    std::map<std::string, std::array<std::uint64_t, 5>> open;
    std::uint64_t waived = 0;
    std::uint64_t dropped = 0;
    for (const auto& [key, runs] : branches_) {
      if (key.second != "main") continue;
      for (std::uint32_t finding = 0; finding < history_.findings.size(); ++finding) {
        TimeNs opened = 0;
        for (std::size_t i = 1; i <= runs.size(); ++i) {
          const bool before = is_open(runs, i - 1, finding);
          const bool after = is_open(runs, i, finding);
          const TimeNs time = runs[i - 1]->facts.time;
          if (!before && after) opened = time;
          if (!before || after || time < options_.since) continue;
          const Last last = last_told(runs, i - 1, finding);
          if (last.exception != Exception::kFalsePositive &&
              dismissed(finding, key.first, time) != Exception::kFalsePositive)
            remediation[{-static_cast<int>(last.severity), history_.findings[finding].kind}]
                .push_back(static_cast<double>(time - opened) / 1e9);
        }
        if (!is_open(runs, runs.size(), finding)) continue;
        const Last last = last_told(runs, runs.size(), finding);
        if (last.exception != Exception::kNone) {
          ++waived;
        } else if (dismissed(finding, key.first, options_.now) != Exception::kNone) {
          ++dropped;
        } else {
          ++open[key.first + " " + history_.findings[finding].kind]
                [static_cast<std::size_t>(last.severity)];
        }
      }
    }
    std::string out;
    for (auto& [key, all] : remediation) {
      std::ranges::sort(all);
      double sum = 0;
      for (const double one : all) sum += one;
      const double median = (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2;
      out += fmt::format("{} {} {} {:.3f} {:.3f}\n", -key.first, key.second, all.size(),
                         sum / static_cast<double>(all.size()), median);
    }
    for (const auto& [name, counts] : open)
      out += fmt::format("{} {}\n", name, fmt::join(counts, " "));
    return out + fmt::format("{} waived {} dismissed\n", waived, dropped);
  }

 private:
  const History& history_;
  const MeasureOptions& options_;
  std::map<std::pair<std::string, std::string>, std::vector<const ProgrammeRun*>> branches_;
};

std::string text_of(const event::ProgrammeReport& report) {
  std::string out;
  for (const auto& one : report.remediation)
    out += fmt::format("{} {} {} {:.3f} {:.3f}\n", static_cast<int>(one.severity), one.kind,
                       one.count, one.mean_seconds, one.median_seconds);
  for (const auto& one : report.open)
    out += fmt::format("{} {} {}\n", one.repository, one.kind, fmt::join(one.findings, " "));
  return out + fmt::format("{} waived {} dismissed\n", report.waived, report.dismissed);
}

class Random {
 public:
  explicit Random(unsigned seed) : generator_(seed) {}
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(generator_); }

  History history() {
    History out;
    for (int i = 0; i < 7; ++i)
      out.findings.push_back(
          {fmt::format("{:032x}", i), below(2) == 0 ? "secret" : "model", "", "", "", ""});
    const int runs = below(25);
    for (int i = 0; i < runs; ++i) add_run(out);
    for (int i = below(5); i > 0; --i)
      out.dismissals.push_back({out.findings[static_cast<std::size_t>(below(7))].identity,
                                below(2) == 0 ? "" : "a", exception(), "ada", "",
                                kStart + below(60) * kDay});
    std::ranges::stable_sort(out.dismissals, {}, &event::Dismissal::time);
    return out;
  }

 private:
  Exception exception() {
    constexpr std::array kSome = {Exception::kNone, Exception::kNone, Exception::kAccepted,
                                  Exception::kFalsePositive};
    return kSome[static_cast<std::size_t>(below(4))];
  }

  void add_run(History& out) {
    ProgrammeRun& run = out.runs.emplace_back();
    run.id = fmt::format("{:032x}", out.runs.size());
    run.facts = {below(3) == 0 ? "b" : "a", "c", below(4) == 0 ? "topic" : "main", "", "",
                 kStart + below(60) * kDay};
    run.verdict = static_cast<Verdict>(below(4));
    for (const char* name : {"models", "other", "secrets"}) {
      if (below(3) != 0) run.scanners.push_back({name, below(4) != 0, std::nullopt});
    }
    for (std::uint32_t finding = 0; finding < out.findings.size(); ++finding) {
      for (std::uint32_t scanner = 0; scanner < run.scanners.size(); ++scanner) {
        if (below(3) == 0)
          run.sightings.push_back(
              {finding, scanner, static_cast<Level>(below(5)), *run.verdict, exception()});
      }
    }
  }

  std::mt19937 generator_;
};

TEST(MeasureAgainstDefinitions, OfRandomHistories) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    Random random(seed);
    History history = random.history();
    const MeasureOptions options{
        .now = kStart + random.below(70) * kDay,
        .since = random.below(2) == 0 ? INT64_MIN : kStart + random.below(40) * kDay,
        .repository = "",
        .branches = {"main"}};
    const std::string measured = text_of(history.measure(options));
    EXPECT_EQ(measured, Naive(history, options).text()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace vedette::engine
