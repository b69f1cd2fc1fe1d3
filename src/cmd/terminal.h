// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace vedette::cmd {

// What the program may assume of where it writes.
struct Terminal {
  bool output = false;  // stdout is a terminal
  bool errors = false;  // stderr is a terminal
  bool colour = false;  // stdout is one, and NO_COLOR and TERM=dumb do not forbid it
  unsigned width = 0;   // columns of stdout; 0 when it is none
};
Terminal look_at_terminal();

// Set by Ctrl-C and SIGTERM once installed: the work at hand is ended in order. A second signal
// ends the program at once.
const std::atomic<bool>& install_stop_signal();

// One line on stderr that is rewritten: how far, how fast, how long still.
class ProgressLine {
 public:
  explicit ProgressLine(bool shown);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { clear(); }

  // At most ten times a second something is drawn. `total` 0: unknown.
  void update(std::uint64_t done, std::uint64_t total, std::uint64_t events, std::uint64_t alerts);
  // Leaves the line empty.
  void clear();

 private:
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

// The text of the line, without line control.
std::string progress_text(std::uint64_t done, std::uint64_t total, std::uint64_t events,
                          std::uint64_t alerts, double seconds);

// "1,234,567"
std::string grouped(std::uint64_t number);
// "4.2 MB"
std::string readable_bytes(std::uint64_t bytes);

}  // namespace vedette::cmd
