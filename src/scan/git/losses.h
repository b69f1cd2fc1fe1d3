// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/finding_sink.h"

namespace vedette::scan::git {

// Why an object of a history was not scanned.
enum class LossKind : std::uint8_t { kDamaged, kMissing, kPromised, kTooLarge };
inline constexpr std::size_t kLossKinds = 4;

// What could not be read. The same losses in any order are told the same. One thread.
class Losses {
 public:
  // `what`: the object's id, with its path where it is known.
  void add(LossKind kind, const std::string& what, const std::string& why);
  void add(const Error& error, const std::string& what) {
    add(kind_of(error), what, error.message);
  }
  void merge(const Losses& other);

  std::uint64_t count(LossKind kind) const { return groups_[static_cast<std::size_t>(kind)].count; }
  // Those kinds of which there are any.
  std::vector<event::Skipped> skipped() const;

  static LossKind kind_of(const Error& error);

 private:
  struct Group {
    std::uint64_t count = 0;
    std::map<std::string, std::string> examples;  // the first by `what`
  };
  std::array<Group, kLossKinds> groups_;
};

}  // namespace vedette::scan::git
