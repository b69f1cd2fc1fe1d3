// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"

// The meeting point of the scan side: targets (folders, archives, repositories, images, a diff,
// standard input) yield contents, scanners look through contents.
namespace vedette::scan {

// One file's bytes, whatever they were taken from. All views are valid during Scanner::scan() only.
struct Content {
  std::string_view path;    // event::FindingPlace::path
  std::string_view bytes;   // unpacked; UTF-16 text is still as it is stored
  std::string_view object;  // event::FindingPlace::object
  // Null where there is no history. A history may learn the commit after the scan, from the object.
  const event::FindingCommit* commit = nullptr;
  // Lines (from 1) that are new, ascending and disjoint, ends included: findings elsewhere are not
  // wanted. Empty: all lines are.
  struct Lines {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  std::vector<Lines> lines;
};

// What a scanner counted besides its findings; added up over threads.
struct ScanCounts {
  std::uint64_t allowed = 0;
  std::uint64_t below_confidence = 0;

  ScanCounts& operator+=(const ScanCounts& other) {
    allowed += other.allowed;
    below_confidence += other.below_confidence;
    return *this;
  }
  ScanCounts since(const ScanCounts& before) const {
    return {allowed - before.allowed, below_confidence - before.below_confidence};
  }
};

// Looks through one content after the other. One object per thread: it may keep buffers. Same
// content, same findings, in the order of their offsets.
class Scanner {
 public:
  virtual ~Scanner() = default;
  // Appends what it finds.
  virtual void scan(const Content& content, std::vector<event::Finding>& findings) = 0;
  virtual const ScanCounts& counts() const = 0;
};

}  // namespace vedette::scan
