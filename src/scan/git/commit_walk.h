// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "formats/git/object_parser.h"
#include "formats/git/object_reader.h"
#include "scan/git/losses.h"

namespace vedette::scan::git {

using formats::git::kNoObject;
using formats::git::ObjectNumber;

// The commits of a history in the order of their time: parents before children, of those that could
// be next the one committed first (then by id), which does not depend on how the repository is
// packed.
class CommitWalk {
 public:
  struct Node {
    ObjectNumber number = kNoObject;
    ObjectNumber tree = kNoObject;
    std::int64_t seconds = 0;
    std::uint32_t first_parent = 0;  // in parents_
    std::uint32_t parent_count = 0;
  };

  // Both must outlive this.
  CommitWalk(formats::git::ObjectStore& store, formats::git::ObjectReader& reader,
             const formats::git::Repository& repository, Losses& losses)
      : store_(store), reader_(reader), repository_(repository), losses_(losses) {}

  // All that is reachable from `tips` and not from `hidden`. With `hidden`, only as many commits
  // are read as the answer needs, unless clocks were wrong.
  void walk(std::span<const ObjectNumber> tips, std::span<const ObjectNumber> hidden);

  const std::vector<Node>& commits() const { return commits_; }
  // Hidden commits that are parents of some of commits().
  const std::vector<Node>& boundary() const { return boundary_; }

  // Those of commits() that are no parents of others of them.
  const std::vector<ObjectNumber>& heads() const { return heads_; }

  // A commit that leads nowhere because of a shallow clone was met.
  bool met_shallow() const { return met_shallow_; }

 private:
  static constexpr std::uint32_t kNone = 0xffffffffU;
  std::uint32_t load(ObjectNumber number);
  void load_all(std::span<const ObjectNumber> tips);
  void load_newer(std::span<const ObjectNumber> tips, std::span<const ObjectNumber> hidden);
  void hide(std::uint32_t node, std::uint64_t& open);
  void put_in_order();
  void find_boundary();

  formats::git::ObjectStore& store_;
  formats::git::ObjectReader& reader_;
  const formats::git::Repository& repository_;
  Losses& losses_;
  formats::git::Commit parsed_;
  std::vector<Node> nodes_;
  std::vector<ObjectNumber> parents_;  // numbers of objects
  std::vector<std::uint32_t> node_of_packed_;
  std::unordered_map<ObjectNumber, std::uint32_t> node_of_loose_;
  enum Flag : std::uint8_t { kHidden = 1, kQueued = 2, kListed = 4 };
  std::vector<std::uint8_t> flags_;  // by node
  std::vector<Node> commits_;
  std::vector<Node> boundary_;
  std::vector<ObjectNumber> heads_;
  bool met_shallow_ = false;

  std::uint32_t& node_of(ObjectNumber number);
};

}  // namespace vedette::scan::git
