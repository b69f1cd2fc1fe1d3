// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// What the stages of a pipeline did and cost: a scanner over a target is one stage.
namespace vedette::event {

enum class StageStatus : std::uint8_t {
  kDone,
  kNotNeeded,   // nothing that concerns it changed, or nobody asked for it
  kUnfinished,  // stopped before its end: its findings are a part
  kNotStarted,
  kFailed,  // gave nothing
};
inline constexpr std::array<std::string_view, 5> kStageStatusNames = {
    "done", "not needed", "unfinished", "not started", "failed"};
constexpr std::string_view to_string(StageStatus status) {
  return kStageStatusNames[static_cast<std::size_t>(status)];
}

struct StageRecord {
  std::string name;    // "secrets", "history", "packages", "models", "image"
  std::string target;  // of an image its name; empty: the source tree
  StageStatus status = StageStatus::kNotStarted;
  std::string reason;          // why it is not done
  bool resumed = false;        // done in an earlier run, whose results these are
  bool of_change = false;      // looked only at what changed
  double begin_seconds = 0;    // since the begin of the run
  double seconds = 0;          // from its begin to its end
  double work_seconds = 0;     // of all threads, without waiting for their turn
  std::uint64_t files = 0;     // looked at
  std::uint64_t bytes = 0;     // after unpacking
  std::uint64_t cached = 0;    // files whose result was known
  std::uint64_t findings = 0;  // before any policy
  std::uint64_t skipped = 0;   // passed over on purpose
  std::uint64_t lost = 0;      // wanted, and not looked at

  bool ran() const { return status == StageStatus::kDone || status == StageStatus::kUnfinished; }
  // Something that was to be done is not.
  bool is_left() const { return status != StageStatus::kDone && status != StageStatus::kNotNeeded; }
  // Whether what it does not tell is not there.
  bool is_complete() const { return status == StageStatus::kDone && lost == 0 && !of_change; }
  // As its findings name it.
  std::string_view scanner() const {
    return name == "history" ? std::string_view("secrets") : std::string_view(name);
  }
};

// Some work of one thread for one stage, for a trace.
struct StageSpan {
  std::uint32_t stage = 0;    // by place in the list of stages
  std::uint32_t slot = 0;     // which of the threads that work at once
  std::int64_t begin_ns = 0;  // since the begin of the run
  std::int64_t end_ns = 0;
};

}  // namespace vedette::event
