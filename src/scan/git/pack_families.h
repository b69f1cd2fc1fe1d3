// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "formats/git/object_store.h"

namespace vedette::scan::git {

// Where each object of a pack is, and what it is a delta of: one pass over the pack's headers.
struct PackLayout {
  static constexpr std::uint32_t kNone = 0xffffffffU;
  struct Row {
    std::uint64_t offset = 0;
    std::uint32_t position = 0;  // in the pack's index
    std::uint32_t base = kNone;  // row of what it is a delta of; kNone also where it is named by id
  };
  std::vector<Row> rows;  // by offset
  // By row: that of the object it is made to, kIdDelta where that takes reading, kNone for damage.
  std::vector<formats::git::ObjectType> types;
};
PackLayout read_layout(const formats::git::Pack& pack, formats::git::HashKind hash);

// The deltas of a pack as trees: a family is an object and all that is made from it. Going through
// a family from its root makes each object once and keeps few: the branch with the most members
// comes last and takes the place of its base, so that no more than log2(members) are kept.
struct PackFamilies {
  static constexpr std::uint32_t kNone = 0xffffffffU;
  struct Node {
    std::uint64_t offset = 0;
    std::uint32_t position = 0;   // in the pack's index
    std::uint32_t first = kNone;  // the first of its branches but the largest
    std::uint32_t next = kNone;   // of the branches of the same base
    std::uint32_t largest = kNone;
  };
  std::vector<Node> nodes;
  struct Root {
    std::uint32_t node = 0;
    std::uint32_t members = 0;
  };
  std::vector<Root> roots;  // by offset
};
// Only what is wanted (by position in the index), and what that is made from.
PackFamilies find_families(const PackLayout& layout, const std::vector<bool>& wanted);

}  // namespace vedette::scan::git
