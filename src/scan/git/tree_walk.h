// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "formats/git/object_parser.h"
#include "formats/git/object_reader.h"
#include "scan/git/losses.h"
#include "scan/git/path_table.h"

namespace vedette::scan::git {

using formats::git::ObjectNumber;

// Which commit (by its place in the order), if any, brought an object, and as what path.
struct Origin {
  std::uint32_t commit = 0;
  std::uint32_t path = 0;
};
inline constexpr std::uint32_t kUnseen = 0xffffffffU;        // Origin::commit: never met
inline constexpr std::uint32_t kHiddenCommit = kUnseen - 1;  // met, and not wanted
inline constexpr std::uint32_t kNoCommit = kUnseen - 2;      // wanted, in no commit

// Goes through the trees of commits, oldest first, and notes for each tree and blob where it was
// met first. A tree is read once. What stands in the tree that was read before at the same path
// needs no look-up: of a tree of a thousand names mostly one or two are new. One thread.
class TreeWalk {
 public:
  // All must outlive this.
  TreeWalk(formats::git::ObjectStore& store, formats::git::ObjectReader& reader, bool partial,
           Losses& losses);

  // All that is in `tree`, of `commit`: an index, or kHiddenCommit, kNoCommit.
  void walk(ObjectNumber tree, std::uint32_t commit, std::uint32_t path = PathTable::kRoot);
  // A blob that no tree leads to.
  void add_blob(ObjectNumber blob, std::uint32_t path);
  // Has met `number` already.
  bool is_seen(ObjectNumber number) const {
    return number < origins_.size() && origins_[number].commit != kUnseen;
  }

  std::uint64_t blobs() const { return blobs_; }
  PathTable& paths() { return paths_; }
  // By object number; of trees too, which have no path. What is not there was not met.
  std::vector<Origin> take_origins() { return std::move(origins_); }
  std::vector<std::uint8_t> take_wanted() { return std::move(wanted_); }
  PathTable take_paths() { return std::move(paths_); }

  // Folders deeper than this are not entered, and counted.
  static constexpr std::uint32_t kDepthMax = 4096;

 private:
  // Memory for trees that were read before, by path.
  static constexpr std::size_t kEarlierBytes = std::size_t{8} << 20;
  static constexpr std::size_t kMissingMax = 4'000'000;

  struct Open {
    ObjectNumber tree;
    std::uint32_t path;
    std::uint32_t depth;
  };
  struct Earlier {
    std::uint32_t path = 0;
    Buffer bytes;
  };
  void read_tree(const Open& open, std::uint32_t commit);
  void compare(std::string_view now, std::string_view before, const Open& open,
               std::uint32_t commit);
  void meet(const formats::git::TreeEntry& entry, const Open& open, std::uint32_t commit);
  std::string_view earlier(std::uint32_t path);
  void keep(std::uint32_t path, std::string_view bytes);
  bool mark(ObjectNumber number, std::uint32_t commit, std::uint32_t path);
  void miss(const char* id, const Open& open, std::string_view name, std::uint32_t commit);

  formats::git::ObjectStore& store_;
  formats::git::ObjectReader& reader_;
  bool partial_;
  Losses& losses_;
  PathTable paths_;
  std::vector<Origin> origins_;
  std::vector<std::uint8_t> wanted_;  // by number: a blob to scan
  std::uint64_t blobs_ = 0;
  std::vector<Open> open_;
  std::list<Earlier> earlier_;  // the last used first
  std::unordered_map<std::uint32_t, std::list<Earlier>::iterator> earlier_at_;
  std::size_t earlier_bytes_ = 0;
  std::unordered_set<formats::git::ObjectId, formats::git::ObjectIdHash> missing_;
};

}  // namespace vedette::scan::git
