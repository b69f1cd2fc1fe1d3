// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/alert.h"
#include "event/verdict.h"

// The memory of a security programme: runs of the gate, what they found, and what people said of it
// since. What is kept are these rows; everything else is computed of them (engine/history).
namespace vedette::event {

// What the pipeline says of one run, beside the gate's report.
struct RunFacts {
  std::string repository;  // "example/shop"
  std::string commit;
  std::string branch;    // empty: not told
  std::string release;   // the tag that it is of; empty: none
  std::string pipeline;  // its name or number; tells two runs of one commit apart
  TimeNs time = 0;
};

// A scanner in a run. One that did not look at everything shows no finding to be gone.
struct ScannerRun {
  std::string name;
  bool complete = true;
  std::optional<TimeNs> duration;
};

// A finding in a run, as one scanner told it.
struct Sighting {
  std::uint32_t finding = 0;  // index of the findings
  std::uint32_t scanner = 0;  // index of the run's scanners
  Level severity = Level::kHigh;
  Verdict verdict = Verdict::kTrack;
  Exception exception = Exception::kNone;

  bool operator==(const Sighting&) const = default;
};

// What is kept of a finding: of its first sighting, and never a secret.
struct ProgrammeFinding {
  std::string identity;
  std::string kind;  // "secret", "vulnerability", "model", "code", "waiver"
  std::string rule;
  std::string title;
  std::string package;  // "lodash 4.17.19"; empty for others
  std::string path;
};

struct ProgrammeRun {
  std::string id;  // 32 hexadecimal digits, of what was told; the same run told twice is one
  RunFacts facts;
  std::optional<Verdict> verdict;  // nothing: a report that was brought in, which nobody judged
  bool incomplete = false;
  std::vector<ScannerRun> scanners;  // by name
  std::vector<Sighting> sightings;   // by finding, then scanner
};

// A run with its findings, to be kept.
struct RunRecord {
  ProgrammeRun run;
  std::vector<ProgrammeFinding> findings;  // that its sightings are of
};

// What somebody said of a finding outside of the repository's waivers. The last one counts.
struct Dismissal {
  std::string finding;                           // identity
  std::string repository;                        // empty: all
  Exception reason = Exception::kFalsePositive;  // kNone: taken back
  std::string by;
  std::string note;
  TimeNs time = 0;
};

}  // namespace vedette::event
