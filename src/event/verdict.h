// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "event/finding.h"
#include "event/stage.h"

// What a policy decides about findings, and why. A policy is a function from findings and their
// context to a GateReport, whatever language it is written in.
namespace vedette::event {

// The mildest first.
enum class Verdict : std::uint8_t { kAllow, kTrack, kWarn, kBlock };
inline constexpr std::array<std::string_view, 4> kVerdictNames = {"allow", "track", "warn",
                                                                  "block"};
constexpr std::string_view to_string(Verdict verdict) {
  return kVerdictNames[static_cast<std::size_t>(verdict)];
}

// Why a finding is let pass although it is there.
enum class Exception : std::uint8_t {
  kNone,
  kAccepted,  // by a waiver, as are the two below
  kFalsePositive,
  kMitigated,
  kStatement,  // the producer says that there is nothing to do (VEX)
};
inline constexpr std::array<std::string_view, 5> kExceptionNames = {
    "none", "accepted", "false-positive", "mitigated", "statement"};
constexpr std::string_view to_string(Exception exception) {
  return kExceptionNames[static_cast<std::size_t>(exception)];
}

// One clause of the policy that had a say, in the order in which they had it.
struct VerdictStep {
  std::string clause;  // "tier exploited", "grace new-advisories", "waiver 3f2a…"
  std::string reason;  // what made it hold: "exploited: true, fix: true"
  Place place;         // of the clause; no file: built in
  Verdict after = Verdict::kTrack;
};

// What would give another verdict.
struct VerdictChange {
  Verdict verdict = Verdict::kTrack;
  std::string condition;  // "update requests to 2.32.0 or later", "from 2027-01-01 on"
};

struct Judgement {
  const Finding* finding = nullptr;  // lives as long as what was judged, or GateReport::own
  Verdict verdict = Verdict::kTrack;
  bool is_new = true;  // the base does not have it; true without a base
  Exception exception = Exception::kNone;
  std::string scanner;  // that told of it: "secrets", "packages", "Trivy", "gate"
  std::vector<VerdictStep> steps;
  std::vector<VerdictChange> changes;
};

// Who looked. One that was not whole may have missed what is there.
struct GateScanner {
  std::string name;
  bool complete = true;
};

// How many new findings of a kind there may be.
struct BudgetCount {
  std::string name;
  std::uint64_t allowed = 0;
  std::uint64_t found = 0;
  Verdict verdict = Verdict::kBlock;  // where more were found
};

// What the base has, and is not found any more.
struct FixedFinding {
  std::string identity;
  std::string title;
  std::string path;
};

struct GateReport {
  Verdict verdict = Verdict::kAllow;  // the gravest of all
  // The gravest verdict first, then severity, path, line, rule, identity.
  std::vector<Judgement> judgements;
  std::vector<BudgetCount> budgets;
  // What the scanners could not look at or lost, and what was assumed; it makes no verdict.
  std::vector<Diagnostic> problems;
  std::vector<GateScanner> scanners;  // by name, each once
  bool incomplete = false;            // something that was to be judged is missing: exit code 3
  std::string policy;                 // the file, or "built in"
  std::string environment;
  TimeNs now = 0;
  bool has_base = false;
  std::vector<StageRecord> stages;  // of a whole pipeline; else empty
  // As far as the scanners that found it in the base have looked at everything now.
  std::vector<FixedFinding> fixed;
  // Findings of the gate itself: waivers that are expired, unused, too wide, not approved.
  std::deque<Finding> own;

  std::uint64_t count(Verdict one) const {
    std::uint64_t found = 0;
    for (const Judgement& judgement : judgements) found += judgement.verdict == one ? 1 : 0;
    return found;
  }
};

}  // namespace vedette::event
