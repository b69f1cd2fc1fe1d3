// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/kernel/record_reader.h"

namespace vedette::formats::kernel {

// Holds back what happens in a container until its runtime has said what it is, or for so long: a
// runtime answers later than the first process runs, and rules ask for images and labels. Only
// records of control groups without an answer wait, in their order; all others pass. Not
// thread-safe.
class IdentityGate {
 public:
  static constexpr std::size_t kHeldBytesMax = std::size_t{16} << 20;

  // 0: nothing is held.
  explicit IdentityGate(std::int64_t wait_ns) : wait_ns_(wait_ns) {}

  // Whether pass() would give out the same bytes and hold nothing back: none waits, and there is
  // no word of control groups and containers among them.
  bool leaves_alone(std::string_view records) const;
  // Appends to `out` what may pass of `records` (whole ones, malformed bytes pass as they are) and
  // what need wait no longer. `now_ns` of any clock that does not go back.
  void pass(std::string_view records, std::int64_t now_ns, std::string& out);
  // Everything that still waits.
  void finish(std::string& out);

  bool idle() const { return waiting_.empty(); }
  std::uint64_t waited_in_vain() const { return waited_in_vain_; }

 private:
  struct Waiting {
    std::string id;  // of the container
    std::string records;
    std::int64_t deadline_ns = 0;
    bool certain = true;
  };

  void take(std::string_view record, std::int64_t now_ns, std::string& out);
  void appeared(std::int64_t now_ns);
  void answered(std::string_view id, std::string& out);
  void release(std::uint64_t cgroup, std::string& out);

  const std::int64_t wait_ns_;
  RecordReader reader_;
  std::map<std::uint64_t, Waiting> waiting_;  // by control group
  std::set<std::string, std::less<>> known_;  // containers that were told of
  std::size_t held_bytes_ = 0;
  std::uint64_t waited_in_vain_ = 0;
};

}  // namespace vedette::formats::kernel
