// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace vedette::ingest {

// Why something was not looked at, or not all of it.
enum class SkipReason : std::uint8_t {
  kBinary,
  kTooLarge,
  kUnreadable,
  kVanished,
  kDamaged,
  kArchiveLimit,
  kSealed,  // encrypted, or packed in a way that we do not know
  kIgnoredByGit,
  kIgnoredByOwnFile,
  kExcluded,
  kLink,
  kSpecial,
  kVirtual,
  kCount,
};

// Counts by reason, with the first examples of each. One thread; tallies of parts are added up in
// the order of the parts, so that the sum does not depend on threads.
class SkipTally {
 public:
  static constexpr std::size_t kExamplesKept = 20;
  struct Tally {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    std::vector<Diagnostic> examples;
  };

  // `message` may be empty.
  void add(SkipReason reason, std::string_view path, std::string_view message = {},
           std::uint64_t bytes = 0);
  void add(SkipReason reason, const Diagnostic& problem);
  void add(SkipReason reason, const Tally& tally);
  void add(const SkipTally& other);
  void clear();
  bool empty() const;

  const Tally& of(SkipReason reason) const { return tallies_[static_cast<std::size_t>(reason)]; }

 private:
  Tally& at(SkipReason reason) { return tallies_[static_cast<std::size_t>(reason)]; }

  std::array<Tally, static_cast<std::size_t>(SkipReason::kCount)> tallies_;
};

}  // namespace vedette::ingest
