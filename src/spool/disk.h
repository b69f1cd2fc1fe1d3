// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace vedette::spool {

// The two calls of a spool that a disk may refuse in the middle, as a parameter, so that tests have
// full and broken disks.
class Disk {
 public:
  virtual ~Disk() = default;
  // Appends to an open file as much of `bytes` as there is room for and returns how much that was.
  // A full disk, a quota and (with SIGXFSZ ignored) a limit of the process on file sizes are short
  // counts, no errors.
  virtual Result<std::size_t> write(int descriptor, std::string_view bytes);
  // Returns when what was written survives a loss of power.
  virtual Result<void> sync(int descriptor);
};

}  // namespace vedette::spool
