// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/finding_sink.h"
#include "formats/git/object_id.h"

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
  // The same of an object that is not there, which `id` names.
  void miss(LossKind kind, const formats::git::ObjectId& id, const std::string& what,
            const std::string& why);
  void merge(const Losses& other);

  // Whether scanning once more must lose the same as long as none of missing() is there.
  bool is_lasting() const {
    return count(LossKind::kDamaged) == 0 &&
           count(LossKind::kMissing) + count(LossKind::kPromised) == missing_.size();
  }
  // The first kMissingKept.
  const std::vector<formats::git::ObjectId>& missing() const { return missing_; }
  static constexpr std::size_t kMissingKept = 4096;

  std::uint64_t count(LossKind kind) const { return groups_[static_cast<std::size_t>(kind)].count; }
  // Those kinds of which there are any.
  std::vector<event::Skipped> skipped() const;

  static LossKind kind_of(const Error& error);

  struct Group {
    std::uint64_t count = 0;
    std::map<std::string, std::string> examples;  // the first by `what`
  };
  // All there is to it, for keeping.
  const std::array<Group, kLossKinds>& groups() const { return groups_; }
  static Losses restore(std::array<Group, kLossKinds> groups,
                        std::vector<formats::git::ObjectId> missing);

 private:
  std::array<Group, kLossKinds> groups_;
  std::vector<formats::git::ObjectId> missing_;
};

}  // namespace vedette::scan::git
