// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "event/programme_report.h"

namespace vedette::engine {

// One finding on one branch, after the runs so far.
struct FindingState {
  bool is_open = false;
  TimeNs opened = 0;  // of the present or last time that it was there
  TimeNs first_seen = 0;
  TimeNs last_seen = 0;
  TimeNs closed = 0;
  event::Level severity = event::Level::kHigh;
  event::Verdict verdict = event::Verdict::kTrack;
  event::Exception exception = event::Exception::kNone;
  // Scanners that told of it and did not look again since, or found it again.
  std::vector<std::uint32_t> owners;
  std::uint32_t last_owner = 0;
  std::uint64_t first_run = 0;  // number of the run on the branch, from 1
  std::uint64_t last_run = 0;   // that told of it
};

// The runs of one branch of a repository, one after the other in the order of their time. A finding
// is open while some scanner that told of it has not looked again without finding it: a scanner
// that did not run, or did not look at everything, shows nothing to be gone. O(sightings + open
// findings) a run.
class Timeline {
 public:
  // `state` is that after the change.
  using Note =
      std::function<void(event::ChangeKind kind, std::uint32_t finding, const FindingState& state)>;

  void add(const event::ProgrammeRun& run, const Note& note);

  const std::unordered_map<std::uint32_t, FindingState>& states() const { return states_; }
  const std::vector<std::uint32_t>& open() const { return open_; }  // findings, in no order
  const std::string& scanner(std::uint32_t index) const { return scanners_[index]; }

 private:
  void tell(std::span<const event::Sighting> told, TimeNs time, const Note& note);
  void close_gone(TimeNs time, const Note& note);
  std::uint32_t index_of(const std::string& scanner);

  std::unordered_map<std::uint32_t, FindingState> states_;
  std::vector<std::uint32_t> open_;
  std::vector<std::string> scanners_;
  std::map<std::string, std::uint32_t, std::less<>> scanner_indices_;
  std::uint64_t runs_ = 0;
  // Of the run at work: its scanners as indices of ours, and which of ours looked at everything.
  std::vector<std::uint32_t> indices_;
  std::vector<bool> looked_;
};

}  // namespace vedette::engine
