// SPDX-License-Identifier: Apache-2.0
#include "scan/git/history.h"

#include <algorithm>
#include <fmt/format.h>
#include <malloc.h>
#include <optional>
#include <unordered_set>

#include "base/unicode.h"
#include "scan/git/commit_walk.h"
#include "scan/git/revision.h"

namespace vedette::scan::git {

using formats::git::kNoObject;
using formats::git::ObjectId;
using formats::git::ObjectNumber;
using formats::git::ObjectReader;
using formats::git::ObjectStore;
using formats::git::ObjectType;
using formats::git::Pack;

namespace {

// Enough that a thread is not back for more at once, few enough that all end together.
constexpr std::uint32_t kUnitObjects = 256;
// Where fewer than one in so many objects of a pack are wanted, looking at all headers is not worth
// it.
constexpr std::size_t kSparse = 16;
constexpr std::size_t kTreeCacheBytes = std::size_t{20} << 20;
constexpr std::size_t kSubjectBytesMax = 200;
// What a blob is called that nothing names; `git fsck --lost-found` does the same.
constexpr std::string_view kLostFolder = "lost-found/";

}  // namespace

// Makes a plan, in the order of its functions.
class HistoryPlanner {
 public:
  HistoryPlanner(const HistoryOptions& options, const std::atomic<bool>& stop)
      : options_(options), stop_(stop), history_(new History) {}

  Result<std::unique_ptr<const History>> plan() {
    TRY(history_->repository_, formats::git::open_repository(options_.repository));
    history_->refs_ = read_refs(history_->repository_);
    TRY(ObjectStore store, ObjectStore::open(history_->repository_));
    history_->store_ = std::make_unique<ObjectStore>(std::move(store));
    history_->repository_.partial |= history_->store_->has_promises();
    history_->content_bytes_max_ = options_.content_bytes_max;
    TRY(ObjectReader reader,
        ObjectReader::create(*history_->store_, {kTreeCacheBytes, options_.content_bytes_max}));
    reader_ = &reader;
    if (options_.all_objects) history_->store_->find_all_loose();
    TRY_VOID(find_tips());
    walk();
    reader_ = nullptr;
    for (const auto& pack : history_->store_->packs()) pack->file.release();
    // What was freed stays with the process otherwise, beside all that reading needs.
    ::malloc_trim(0);
    make_units();
    ::malloc_trim(0);
    note_problems();
    return std::unique_ptr<const History>(std::move(history_));
  }

 private:
  ObjectStore& store() { return *history_->store_; }

  // A reference that leads nowhere costs itself.
  void add_tip(const ObjectId& id, const std::string& name, bool must_be_there) {
    const ObjectNumber number = store().find(id);
    const auto peeled = number == kNoObject
                            ? failure(ErrorCode::kNotFound, "the object it names is missing")
                            : peel(number, store(), *reader_);
    if (!peeled) {
      if (must_be_there) history_->losses_.add(peeled.error(), name);
      return;
    }
    if (peeled->type == ObjectType::kCommit) range_.tips.push_back(peeled->number);
    if (peeled->type == ObjectType::kCommit) return;
    named_.push_back(peeled->number);
    if (std::ranges::find(known_, peeled->number) != known_.end()) return;
    if (peeled->type == ObjectType::kTree) trees_.emplace_back(peeled->number, name);
    if (peeled->type == ObjectType::kBlob) blobs_.emplace_back(peeled->number, name);
  }

  Result<void> find_tips() {
    const formats::git::Refs& refs = history_->refs_;
    find_known();
    for (const std::string& text : options_.ranges)
      TRY_VOID(add_range(text, refs, store(), *reader_, range_));
    if (range_.tips.empty()) {
      if (!refs.head.id.is_zero()) add_tip(refs.head.id, "HEAD", true);
      for (const formats::git::Ref& ref : refs.refs) add_tip(ref.id, ref.name, true);
      // Reflogs outlive what they name.
      for (const ObjectId& id : refs.logged) add_tip(id, "reflog", false);
    }
    if (options_.all_objects) find_dangling();
    std::ranges::sort(range_.tips);
    const auto rest = std::ranges::unique(range_.tips);
    range_.tips.erase(rest.begin(), rest.end());
    return {};
  }

  void find_known() {
    for (const ObjectId& id : options_.missing)
      history_->known_holds_ = history_->known_holds_ && store().find(id) == kNoObject;
    for (const ObjectId& id : options_.known) {
      const ObjectNumber number = store().find(id);
      history_->known_holds_ = history_->known_holds_ && number != kNoObject;
      if (number == kNoObject) continue;
      known_.push_back(number);
      if (type_of(number) == ObjectType::kCommit) range_.hidden.push_back(number);
    }
    for (const ObjectId& id : options_.named) {
      if (const ObjectNumber number = store().find(id); number != kNoObject)
        range_.hidden.push_back(number);
    }
  }

  // What was known leads to none of what else was known. So it is a tip still where no new commit
  // has it as a parent, and can be reached where one has, or a reference names it.
  void find_tips_of_next(const CommitWalk& commits) {
    std::vector<ObjectNumber> tips = commits.heads();
    std::unordered_set<ObjectNumber> passed;
    for (const CommitWalk::Node& node : commits.boundary()) passed.insert(node.number);
    named_.insert(named_.end(), range_.tips.begin(), range_.tips.end());
    const std::unordered_set<ObjectNumber> named(named_.begin(), named_.end());
    for (const ObjectNumber number : known_) {
      if (passed.contains(number)) continue;
      tips.push_back(number);
      history_->known_holds_ = history_->known_holds_ && named.contains(number);
    }
    for (const auto& [tree, name] : trees_) tips.push_back(tree);
    for (const auto& [blob, name] : blobs_) tips.push_back(blob);
    for (const ObjectNumber tip : tips) history_->tips_.push_back(store().id(tip));
    for (const ObjectNumber tip : range_.tips) history_->named_.push_back(store().id(tip));
    std::ranges::sort(history_->named_);
    std::ranges::sort(history_->tips_);
    const auto rest = std::ranges::unique(history_->tips_);
    history_->tips_.erase(rest.begin(), rest.end());
  }

  ObjectType type_of(ObjectNumber number) {
    const auto object = reader_->read(number);
    if (object) return object->type;
    if (object.error().code != ErrorCode::kLimit) {
      history_->losses_.add(object.error(), to_hexadecimal(store().id(number), store().hash()));
    }
    return ObjectType::kNone;
  }

  // All commits lead somewhere; blobs and trees that none of them leads to are looked at after the
  // walk.
  void find_dangling() {
    const auto sort_out = [this](ObjectNumber number, ObjectType type) {
      if (type == ObjectType::kCommit) range_.tips.push_back(number);
      if (type == ObjectType::kTree) loose_trees_.push_back(number);
      if (type == ObjectType::kBlob) loose_blobs_.push_back(number);
    };
    for (const auto& pack : store().packs()) {
      const PackLayout layout = read_layout(*pack, store().hash());
      for (std::size_t i = 0; i < layout.rows.size(); ++i) {
        const ObjectNumber number = pack->first + layout.rows[i].position;
        // Of an object that is in several packs one is enough.
        if (store().packs().size() > 1 && store().find_packed(store().id(number)) != number)
          continue;
        ObjectType type = layout.types[i];
        if (type == ObjectType::kIdDelta || type == ObjectType::kNone) type = type_of(number);
        sort_out(number, type);
      }
    }
    for (ObjectNumber number = store().packed_count(); number < store().count(); ++number)
      sort_out(number, type_of(number));
  }

  void walk() {
    CommitWalk commits(store(), *reader_, history_->repository_, history_->losses_);
    commits.walk(range_.tips, range_.hidden);
    find_tips_of_next(commits);
    TreeWalk trees(store(), *reader_, history_->repository_.partial, history_->losses_);
    for (const CommitWalk::Node& node : commits.boundary()) {
      if (node.tree != kNoObject) trees.walk(node.tree, kHiddenCommit);
    }
    history_->commits_.reserve(commits.commits().size());
    for (const CommitWalk::Node& node : commits.commits()) {
      if (stop_.load(std::memory_order_relaxed)) break;
      const auto order = static_cast<std::uint32_t>(history_->commits_.size());
      history_->commits_.push_back(node.number);
      if (node.tree != kNoObject) trees.walk(node.tree, order);
    }
    PathTable& paths = trees.paths();
    for (const auto& [tree, name] : trees_)
      trees.walk(tree, kNoCommit, paths.add(PathTable::kRoot, name));
    for (const auto& [blob, name] : blobs_) trees.add_blob(blob, paths.add(PathTable::kRoot, name));
    for (const ObjectNumber tree : loose_trees_) trees.walk(tree, kNoCommit, PathTable::kRoot);
    for (const ObjectNumber blob : loose_blobs_) {
      if (trees.is_seen(blob)) continue;
      const std::string name =
          std::string(kLostFolder) + to_hexadecimal(store().id(blob), store().hash());
      trees.add_blob(blob, paths.add(PathTable::kRoot, name));
    }
    met_shallow_ = commits.met_shallow();
    history_->blobs_ = trees.blobs();
    history_->paths_ = trees.take_paths();
    history_->origins_ = trees.take_origins();
    history_->wanted_ = trees.take_wanted();
  }

  void make_units() {
    const auto& packs = store().packs();
    history_->families_.resize(packs.size());
    for (std::uint32_t i = 0; i < packs.size(); ++i) make_pack_units(i, *packs[i]);
    for (ObjectNumber number = store().packed_count(); number < history_->wanted_.size();
         ++number) {
      if (history_->is_wanted(number)) history_->direct_.push_back(number);
    }
    const auto count = static_cast<std::uint32_t>(history_->direct_.size());
    for (std::uint32_t begin = 0; begin < count; begin += kUnitObjects)
      history_->units_.push_back({History::kDirect, begin, std::min(count, begin + kUnitObjects)});
  }

  void make_pack_units(std::uint32_t which, const Pack& pack) {
    std::vector<bool> wanted(pack.index.count());
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < wanted.size(); ++i) {
      wanted[i] = history_->is_wanted(pack.first + i);
      count += wanted[i] ? 1 : 0;
    }
    if (count == 0) return;
    if (count < wanted.size() / kSparse) {
      std::vector<std::pair<std::uint64_t, ObjectNumber>> places;
      for (std::uint32_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i]) places.emplace_back(pack.index.offset(i), pack.first + i);
      }
      std::ranges::sort(places);
      for (const auto& [offset, number] : places) history_->direct_.push_back(number);
      return;
    }
    PackFamilies& families = history_->families_[which];
    families = find_families(read_layout(pack, store().hash()), wanted);
    pack.file.release();
    const auto& roots = families.roots;
    for (std::uint32_t begin = 0; begin < roots.size();) {
      std::uint32_t end = begin;
      for (std::uint64_t members = 0; end < roots.size() && members < kUnitObjects; ++end)
        members += roots[end].members;
      history_->units_.push_back({which, begin, end});
      begin = end;
    }
  }

  void note_problems() {
    auto& problems = history_->problems_;
    for (const Diagnostic& problem : store().problems()) problems.push_back(problem);
    for (const Diagnostic& problem : history_->refs_.problems) problems.push_back(problem);
    if (met_shallow_) {
      problems.push_back({DiagnosticKind::kWarning,
                          {history_->repository_.common_folder, 0, 0, 0},
                          "the clone is shallow: what is older than its first commits is not here",
                          "git fetch --unshallow"});
    }
  }

  const HistoryOptions& options_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<History> history_;
  ObjectReader* reader_ = nullptr;  // of plan()
  RevisionRange range_;
  std::vector<ObjectNumber> known_;
  std::vector<ObjectNumber> named_;  // by references, in the end with range_.tips
  std::vector<std::pair<ObjectNumber, std::string>> trees_;  // that a reference names
  std::vector<std::pair<ObjectNumber, std::string>> blobs_;
  std::vector<ObjectNumber> loose_trees_;
  std::vector<ObjectNumber> loose_blobs_;
  bool met_shallow_ = false;
};

Result<std::unique_ptr<const History>> History::plan(const HistoryOptions& options,
                                                     const std::atomic<bool>& stop) {
  return HistoryPlanner(options, stop).plan();
}

std::string History::path_of(ObjectNumber blob) const { return paths_.path(origins_[blob].path); }

std::string History::commit_id(std::uint32_t commit) const {
  if (commit >= commits_.size()) return {};
  return to_hexadecimal(store_->id(commits_[commit]), store_->hash());
}

std::string History::object_id(ObjectNumber number) const {
  return to_hexadecimal(store_->id(number), store_->hash());
}

event::FindingCommit History::describe(std::uint32_t commit, ObjectReader& reader) const {
  return describe(commit_id(commit), reader);
}

event::FindingCommit History::describe(const std::string& id, ObjectReader& reader) const {
  event::FindingCommit described;
  described.id = id;
  const std::optional<ObjectId> object_id = ObjectId::parse(id, store_->hash());
  if (!object_id) return described;
  const ObjectNumber number = find(*object_id);
  if (number == kNoObject) return described;
  const auto object = reader.read(number);
  formats::git::Commit parsed;
  if (!object || !parse_commit(object->bytes, store_->hash(), parsed)) return described;
  described.author = parsed.author.name;
  described.email = parsed.author.email;
  described.time = parsed.author.seconds * 1'000'000'000;
  described.subject = parsed.subject().substr(0, kSubjectBytesMax);
  return described;
}

}  // namespace vedette::scan::git
