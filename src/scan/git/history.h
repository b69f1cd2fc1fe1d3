// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "formats/git/object_reader.h"
#include "formats/git/repository.h"
#include "scan/git/losses.h"
#include "scan/git/pack_families.h"
#include "scan/git/path_table.h"
#include "scan/git/tree_walk.h"

namespace vedette::scan::git {

struct HistoryOptions {
  std::string repository = ".";
  // Revisions as RevisionRange takes them. Empty: all references, HEAD and reflogs.
  std::vector<std::string> ranges;
  // History::tips() of an earlier scan: what they lead to is not read again.
  std::vector<formats::git::ObjectId> known;
  std::vector<formats::git::ObjectId> missing;  // Losses::missing() of it
  std::vector<formats::git::ObjectId> named;    // History::named() of it
  bool all_objects = false;                     // also what nothing leads to
  std::uint64_t content_bytes_max = std::uint64_t{64} << 20;
};

// What a scan of a history reads: each blob once that is reachable, with the commit and path that
// brought it first. "First" is the order of CommitWalk. Memory is about 9 bytes for each object of
// the repository and 28 for its index while commits and trees are read, 24 more for each blob and
// what it is a delta of. Made by one thread; then immutable, for any.
class History {
 public:
  static Result<std::unique_ptr<const History>> plan(const HistoryOptions& options,
                                                     const std::atomic<bool>& stop);

  const formats::git::Repository& repository() const { return repository_; }
  const formats::git::Refs& refs() const { return refs_; }
  const formats::git::ObjectStore& store() const { return *store_; }
  std::uint64_t blobs() const { return blobs_; }
  std::size_t commits() const { return commits_.size(); }
  const Losses& losses() const { return losses_; }
  // What the user should know: a shallow clone, a pack that cannot be read.
  const std::vector<Diagnostic>& problems() const { return problems_; }
  // What leads to all of this and to what was known: commits, none of which leads to another, and
  // what references name that is no commit. For HistoryOptions::known of the next time; sorted.
  const std::vector<formats::git::ObjectId>& tips() const { return tips_; }
  // All commits that references name, sorted. Most are old, and looking for what leads to them
  // would mean to walk to the oldest.
  const std::vector<formats::git::ObjectId>& named() const { return named_; }
  // Whether what was known still holds: all of it can be reached, and nothing of what was missing
  // is there. Else an earlier scan may have found what is no more, or not what it would find now,
  // and nobody can tell what of it.
  bool known_holds() const { return known_holds_; }

  // Of a blob that was read.
  Origin origin(formats::git::ObjectNumber blob) const { return origins_[blob]; }
  std::string path_of(formats::git::ObjectNumber blob) const;
  // Hexadecimal; "" when no commit brought it.
  std::string commit_id(std::uint32_t commit) const;
  std::string object_id(formats::git::ObjectNumber number) const;
  // By place in the order of commits.
  formats::git::ObjectNumber commit_number(std::uint32_t commit) const { return commits_[commit]; }
  // Any thread; loose objects only where the history leads to them.
  formats::git::ObjectNumber find(const formats::git::ObjectId& id) const {
    return store_->find_known(id);
  }
  // Author and subject too; without them when the commit cannot be read. By its place in the order,
  // or by its hexadecimal id.
  event::FindingCommit describe(std::uint32_t commit, formats::git::ObjectReader& reader) const;
  event::FindingCommit describe(const std::string& id, formats::git::ObjectReader& reader) const;

  // Parts of the work, each for one thread; neighbours lie near each other.
  std::uint32_t units() const { return static_cast<std::uint32_t>(units_.size()); }

 private:
  friend class HistoryReader;
  friend class HistoryPlanner;
  // Families of one pack, or (kDirect) single objects.
  struct Unit {
    std::uint32_t pack = kDirect;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  static constexpr std::uint32_t kDirect = 0xffffffffU;

  History() = default;
  bool is_wanted(formats::git::ObjectNumber number) const {
    return number < wanted_.size() && wanted_[number] != 0;
  }

  formats::git::Repository repository_;
  formats::git::Refs refs_;
  std::unique_ptr<formats::git::ObjectStore> store_;
  std::uint64_t content_bytes_max_ = 0;
  std::vector<formats::git::ObjectNumber> commits_;  // by their order
  std::vector<Origin> origins_;
  std::vector<std::uint8_t> wanted_;
  PathTable paths_;
  std::uint64_t blobs_ = 0;
  std::vector<PackFamilies> families_;  // by pack; empty where its objects are read directly
  std::vector<formats::git::ObjectNumber> direct_;
  std::vector<Unit> units_;
  Losses losses_;
  std::vector<Diagnostic> problems_;
  std::vector<formats::git::ObjectId> tips_;
  std::vector<formats::git::ObjectId> named_;
  bool known_holds_ = true;
};

// A blob of a history.
struct HistoryBlob {
  formats::git::ObjectNumber number = formats::git::kNoObject;
  std::string_view bytes;  // during the call only
};

// Reads units of a plan. One per thread; `history` must outlive it.
class HistoryReader {
 public:
  static Result<std::unique_ptr<HistoryReader>> create(const History& history);

  // Hands each wanted blob of the unit to `act`, in an order that the pack gives. What cannot be
  // read is counted in losses().
  void read(std::uint32_t unit, const std::function<void(const HistoryBlob&)>& act);

  const Losses& losses() const { return losses_; }
  formats::git::ObjectReader& objects() { return objects_; }

 private:
  // Of the contents that a family is gone through with; what is beyond is made again.
  static constexpr std::size_t kOpenBytesMax = std::size_t{32} << 20;
  static constexpr std::size_t kCacheBytes = std::size_t{8} << 20;

  struct Open {
    std::uint32_t node = 0;
    std::uint32_t branch = 0;  // the next of its branches
    Buffer bytes;
  };
  HistoryReader(const History& history, formats::git::ObjectReader objects)
      : history_(history), objects_(std::move(objects)) {}
  using Act = std::function<void(const HistoryBlob&)>;
  void read_direct(formats::git::ObjectNumber number, const Act& act);
  void read_family(const formats::git::Pack& pack, const PackFamilies& families, std::uint32_t root,
                   const Act& act);
  bool open_root(const formats::git::Pack& pack, const PackFamilies& families, std::uint32_t root);
  Result<void> make_member(const formats::git::Pack& pack, const PackFamilies::Node& node,
                           Open& base, const PackFamilies& families, Buffer& out);
  void deliver(const formats::git::Pack& pack, const PackFamilies& families, const Open& open,
               const Act& act);
  void lose(const formats::git::Pack& pack, const PackFamilies& families, std::uint32_t node,
            const Error& error);
  void lose_object(formats::git::ObjectNumber number, const Error& error);
  void bound_open();

  const History& history_;
  formats::git::ObjectReader objects_;
  std::vector<Open> open_;
  std::size_t open_bytes_ = 0;
  Buffer delta_;
  Buffer spare_;
  Losses losses_;
};

}  // namespace vedette::scan::git
