// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "event/batch.h"

namespace vedette::formats::logs {

// What a splitter found wrong; offsets count from the first of the bytes that it was given.
struct CutProblem {
  std::size_t offset = 0;
  std::string message;
};

// A splitter's answer.
struct Cut {
  std::size_t size = 0;  // bytes at the front that belong to the next batch; 0: give more bytes
  bool drop = false;     // those bytes hold no record: they are to be dropped
  // RecordFormat::kJson: the records within those bytes, in order, not overlapping.
  std::vector<event::RecordSpan> records;
  std::size_t lost = 0;  // records that were left out: too long, malformed
  // Why, and what else is doubtful; the first kProblemsMax of them.
  std::vector<CutProblem> problems;

  static constexpr std::size_t kProblemsMax = 100;
  bool wants_problems() const { return problems.size() < kProblemsMax; }
};

}  // namespace vedette::formats::logs
