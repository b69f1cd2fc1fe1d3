// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/programme.h"

// The figures of a programme (engine/history/measure.h computes them) and what lists of its memory
// show. docs/history.md defines every figure.
namespace vedette::event {

using LevelCounts = std::array<std::uint64_t, kLevelNames.size()>;

struct VerdictCounts {
  std::uint64_t blocked = 0;
  std::uint64_t warned = 0;
  std::uint64_t passed = 0;
  std::uint64_t judged() const { return blocked + warned + passed; }
};

struct RepositoryRuns {
  std::string repository;
  VerdictCounts verdicts;
  std::uint64_t incomplete = 0;
  std::uint64_t imported = 0;  // nobody judged them
  TimeNs last = 0;
};

// How long findings stood until they were gone.
struct Remediation {
  Level severity = Level::kHigh;
  std::string kind;
  std::uint64_t count = 0;
  double mean_seconds = 0;
  double median_seconds = 0;
};

struct FalsePositives {
  std::string kind;
  std::uint64_t findings = 0;
  std::uint64_t false_positives = 0;
};

// The last run of a release.
struct ReleaseFindings {
  std::string repository;
  std::string release;
  TimeNs time = 0;
  LevelCounts findings{};  // without those that are excepted
  std::uint64_t excepted = 0;
};

struct Coverage {
  std::string repository;
  std::string scanner;
  std::uint64_t runs = 0;
  std::uint64_t complete = 0;
  std::uint64_t of_runs = 0;  // of the repository
  TimeNs last = 0;
  std::optional<TimeNs> last_complete;
};

struct OpenFindings {
  std::string repository;
  std::string kind;
  LevelCounts findings{};
};

// Ages are below `days`, and not below those of the row before; the last row has no bound.
struct OpenAges {
  std::uint32_t days = 0;
  LevelCounts findings{};
};
inline constexpr std::array<std::uint32_t, 5> kAgeDays = {1, 7, 30, 90, 365};

struct ScannerCost {
  std::string scanner;
  std::uint64_t runs = 0;  // of which the time is known
  double total_seconds = 0;
  double median_seconds = 0;
  double p95_seconds = 0;
};

struct ProgrammeWeek {
  TimeNs start = 0;  // Monday, 00:00 UTC
  VerdictCounts verdicts;
  std::uint64_t opened = 0;
  std::uint64_t reopened = 0;
  std::uint64_t fixed = 0;
  LevelCounts open{};  // at its end, or now
};

struct ProgrammeReport {
  TimeNs now = 0;
  TimeNs since = 0;                   // INT64_MIN: from the beginning
  std::string repository;             // empty: all
  std::vector<std::string> branches;  // whose findings count; empty: the main ones
  VerdictCounts verdicts;
  std::vector<RepositoryRuns> repositories;
  std::vector<Remediation> remediation;  // the gravest first
  std::vector<FalsePositives> false_positives;
  std::vector<ReleaseFindings> releases;  // by repository, then time
  std::vector<Coverage> coverage;
  std::vector<OpenFindings> open;
  std::array<OpenAges, kAgeDays.size() + 1> ages{};
  // Sum of the ages of open findings.
  double open_seconds = 0;
  std::uint64_t waived = 0;     // there, but excepted by the last run
  std::uint64_t dismissed = 0;  // there, but dismissed
  std::vector<ScannerCost> costs;
  std::vector<ProgrammeWeek> weeks;  // without gaps
  std::uint64_t weeks_left_out = 0;  // earlier ones
};

// What happened to a finding on a branch.
enum class ChangeKind : std::uint8_t {
  kFirstSeen,
  kFixed,
  kReopened,
  kWaived,
  kWaiverEnded,
  kSeverity,
};
inline constexpr std::array<std::string_view, 6> kChangeNames = {
    "first-seen", "fixed", "reopened", "waived", "waiver-ended", "severity"};

struct FindingChange {
  ChangeKind kind = ChangeKind::kFirstSeen;
  std::uint32_t finding = 0;
  TimeNs time = 0;
  std::string run;
  std::string commit;
  Level severity = Level::kHigh;  // from then on
  Exception exception = Exception::kNone;
};

enum class FindingStanding : std::uint8_t { kOpen, kWaived, kDismissed, kFixed };
inline constexpr std::array<std::string_view, 4> kStandingNames = {"open", "waived", "dismissed",
                                                                   "fixed"};

// A finding on a branch as it stands.
struct FindingHistory {
  ProgrammeFinding finding;
  std::string repository;
  std::string branch;
  FindingStanding standing = FindingStanding::kOpen;
  Level severity = Level::kHigh;
  Verdict verdict = Verdict::kTrack;
  Exception exception = Exception::kNone;
  std::string scanner;  // that told of it last; several: the first by name
  TimeNs first_seen = 0;
  TimeNs last_seen = 0;
  std::string first_run;
  std::string first_commit;
  std::string last_run;
  std::string last_commit;
  std::optional<TimeNs> fixed;
  std::vector<FindingChange> changes;  // only where they were asked for
  std::vector<Dismissal> dismissals;   // the same
};

}  // namespace vedette::event
