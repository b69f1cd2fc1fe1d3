// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>

namespace vedette {

// Keeps the program alive when a mapped file is cut while it is read: a read behind the new end is
// met with zeros, and the guard knows of it. Parsers of hostile bytes take zeros as they take any.
//
// The kernel tells of such a read by a signal to the thread that reads, and by nothing else. So the
// guarded ranges stand in a table of the process, and create() installs a handler of SIGBUS, once:
// the one such state of the program. A fault outside of all ranges ends it as before.
class CutGuard {
 public:
  static constexpr std::size_t kFilesMax = 64;

  // Null when kFilesMax ranges are guarded. `mapping` begins a page, and is given back only after
  // the guard is gone. Any thread.
  static std::unique_ptr<CutGuard> create(std::string_view mapping);
  ~CutGuard();
  CutGuard(const CutGuard&) = delete;
  CutGuard& operator=(const CutGuard&) = delete;

  bool was_met() const;

 private:
  explicit CutGuard(std::size_t row) : row_(row) {}

  std::size_t row_;
};

}  // namespace vedette
