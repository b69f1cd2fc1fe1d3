// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/batch.h"

namespace vedette::event {

// What one input gave and did not give. Counts are exact; of the problems the first `kProblemsKept`
// are kept.
struct InputReport {
  static constexpr std::size_t kProblemsKept = 100;

  std::string name;
  std::string format;
  std::uint64_t bytes = 0;           // after unpacking
  std::uint64_t events = 0;          // decoded
  std::uint64_t skipped = 0;         // records that could not be decoded
  std::uint64_t unknown_source = 0;  // events that no log source claims
  std::uint64_t filtered = 0;        // kept back by the source: no rule can match them
  std::vector<Diagnostic> problems;
  bool failed = false;  // could not be read to its end
};

// Where events come from: files, a stream, a live kernel, test data. next() is called by one thread
// at a time (the engine holds a lock around it); the batches it fills are then decoded by many
// threads at once.
class Source {
 public:
  virtual ~Source() = default;

  // Fills `batch` (whose buffer is reused) with the next run of whole records; false at the end of
  // everything. An input that fails costs itself only: it is noted in reports() and the next one
  // begins.
  virtual bool next(Batch& batch) = 0;

  // One report per input met so far, by Input::index; only names, bytes and what reading itself
  // found wrong.
  virtual const std::vector<InputReport>& reports() const = 0;

  // Bytes of input in total as stored, 0 when unknown, and how many are read: for a progress bar.
  virtual std::uint64_t bytes_total() const = 0;
  virtual std::uint64_t bytes_read() const = 0;
};

}  // namespace vedette::event
