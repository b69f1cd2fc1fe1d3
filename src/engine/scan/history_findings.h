// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "event/finding.h"

namespace vedette::engine {

// Findings of a history, one for each secret however many versions of however many files hold it.
// The same findings in any order are told the same. One thread.
class HistoryFindings {
 public:
  // Of one secret so many other paths are kept.
  static constexpr std::size_t kOtherPathsMax = 20;

  // `commit`: place in the order of commits.
  void add(std::uint32_t commit, event::Finding finding);
  void merge(HistoryFindings other);

  struct Found {
    std::uint32_t commit = 0;
    event::Finding finding;  // the first place; `also_at` one place for each other path
  };
  // By commit, path and offset.
  std::vector<Found> take();
  // What take() gave, as if it came first.
  void restore(std::vector<Found> found);

 private:
  // What makes one place earlier than another.
  struct When {
    std::uint32_t commit = 0;
    std::string path;
    std::uint64_t offset = 0;
    auto operator<=>(const When&) const = default;
  };
  struct Group {
    When when;
    event::Finding finding;
    std::map<std::string, std::pair<When, event::FindingPlace>> others;  // by path
  };
  static void add_place(Group& group, When when, event::FindingPlace place);
  void add(When when, event::Finding finding);

  std::map<std::string, Group> groups_;  // by identity
};

}  // namespace vedette::engine
