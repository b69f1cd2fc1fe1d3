// SPDX-License-Identifier: Apache-2.0
#include "scan/git/reach.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "formats/git/object_parser.h"
#include "formats/git/object_reader.h"
#include "scan/git/revision.h"

namespace vedette::scan::git {

using formats::git::EntryKind;
using formats::git::kNoObject;
using formats::git::ObjectId;
using formats::git::ObjectNumber;
using formats::git::ObjectReader;
using formats::git::ObjectStore;
using formats::git::ObjectType;

namespace {

constexpr std::size_t kSubjectBytesMax = 200;
constexpr std::ptrdiff_t kDepthMax = 4096;  // of folders in folders

class ReachFinder {
 public:
  ReachFinder(ObjectStore& store, ObjectReader& reader, const std::vector<ObjectId>& blobs)
      : store_(store), reader_(reader), blobs_(blobs.begin(), blobs.end()) {
    for (const ObjectId& blob : blobs) begins_[static_cast<std::uint8_t>(blob.bytes[0])] = true;
  }

  Reach find(const formats::git::Refs& refs) {
    Reach reach;
    if (refs.head.name == "HEAD") add("HEAD", refs.head.id, reach);
    for (const formats::git::Ref& ref : refs.refs) add(ref.name, ref.id, reach);
    for (const ObjectId& id : refs.logged) {
      const std::optional<std::uint32_t> node = commit_of(id);
      reach.in_reflogs = reach.in_reflogs || (node && nodes_[*node].leads);
    }
    for (const Node& node : nodes_) reach.commits += node.holds ? 1 : 0;
    find_turns(reach);
    find_in_head(refs.head.id, reach);
    return reach;
  }

 private:
  struct Node {
    ObjectNumber number = kNoObject;
    std::int64_t seconds = 0;
    bool holds = false;
    bool leads = false;
    bool gone = false;     // a parent holds, it does not
    bool brought = false;  // it holds, no parent does
  };
  enum State : std::uint8_t { kUnknown, kOpen, kNone, kHolds };

  void add(const std::string& name, const ObjectId& id, Reach& reach) {
    const std::optional<std::uint32_t> node = commit_of(id);
    if (node && nodes_[*node].leads) reach.names.push_back({name, nodes_[*node].holds});
  }

  // The node of the commit that an object is or, as a tag, names.
  std::optional<std::uint32_t> commit_of(const ObjectId& id) {
    const ObjectNumber number = store_.find(id);
    if (number == kNoObject) return std::nullopt;
    const auto peeled = peel(number, store_, reader_);
    if (!peeled || peeled->type != ObjectType::kCommit) return std::nullopt;
    walk(peeled->number);
    const auto node = node_of_.find(peeled->number);
    return node == node_of_.end() ? std::nullopt : std::optional(node->second);
  }

  // Parents first, so that what they lead to is known.
  void walk(ObjectNumber tip) {
    struct Open {
      ObjectNumber number;
      Node node;
      std::vector<ObjectNumber> parents;
      std::size_t next = 0;
    };
    std::vector<Open> open;
    const auto enter = [&](ObjectNumber number) {
      if (!entered_.insert(number).second) return;
      const auto object = reader_.read(number);
      if (!object || object->type != ObjectType::kCommit ||
          !parse_commit(object->bytes, store_.hash(), parsed_)) {
        return;
      }
      Open& commit = open.emplace_back();
      commit.number = commit.node.number = number;
      commit.node.seconds = parsed_.committer.seconds;
      for (const ObjectId& id : parsed_.parents) {
        const ObjectNumber parent = store_.find(id);
        if (parent != kNoObject) commit.parents.push_back(parent);
      }
      commit.node.holds = holds(store_.find(parsed_.tree));
    };
    enter(tip);
    while (!open.empty()) {
      Open& top = open.back();
      if (top.next < top.parents.size()) {
        enter(top.parents[top.next++]);
        continue;
      }
      top.node.leads = top.node.brought = top.node.holds;
      for (const ObjectNumber parent : top.parents) {
        const auto at = node_of_.find(parent);
        if (at == node_of_.end()) continue;
        top.node.leads = top.node.leads || nodes_[at->second].leads;
        top.node.gone = top.node.gone || (!top.node.holds && nodes_[at->second].holds);
        top.node.brought = top.node.brought && !nodes_[at->second].holds;
      }
      node_of_.emplace(top.number, static_cast<std::uint32_t>(nodes_.size()));
      nodes_.push_back(top.node);
      open.pop_back();
    }
  }

  State& state(ObjectNumber tree) {
    if (tree >= states_.size()) states_.resize(std::max<std::size_t>(tree + 1, store_.count()));
    return states_[tree];
  }

  // Whether a tree holds one of the blobs, itself or deeper. Each tree is gone through once, and a
  // second time when folders in it had to be looked at before.
  bool holds(ObjectNumber root) {
    if (root == kNoObject) return false;
    std::vector<ObjectNumber> open = {root};
    while (!open.empty()) {
      const ObjectNumber tree = open.back();
      if (state(tree) > kOpen) {
        open.pop_back();
        continue;
      }
      const std::size_t before = open.size();
      const State found = look_into(tree, open);
      if (found == kHolds) open.resize(before);
      // A tree that was open already has seen all its folders: one of them is in a circle.
      const bool again = std::exchange(state(tree), kOpen) == kOpen;
      if (found == kHolds || open.size() == before || again) {
        open.resize(before - 1);
        state(tree) = found;
      }
    }
    return state(root) == kHolds;
  }

  // Adds folders of it that are not known to `open`.
  State look_into(ObjectNumber tree, std::vector<ObjectNumber>& open) {
    const auto object = reader_.read(tree);
    if (!object || object->type != ObjectType::kTree) return kNone;
    const std::size_t hash_bytes = bytes_of(store_.hash());
    formats::git::TreeReader reader(object->bytes, store_.hash());
    formats::git::TreeEntry entry;
    while (reader.next(entry)) {
      if (entry.kind == EntryKind::kTree) {
        const ObjectNumber folder = store_.find(ObjectId::from(entry.id, hash_bytes));
        if (folder == kNoObject) continue;
        if (state(folder) == kHolds) return kHolds;
        if (state(folder) == kUnknown) open.push_back(folder);
      } else if (begins_[static_cast<std::uint8_t>(*entry.id)] &&
                 blobs_.contains(ObjectId::from(entry.id, hash_bytes))) {
        return kHolds;
      }
    }
    return kNone;
  }

  // Where it came and went.
  void find_turns(Reach& reach) {
    std::vector<const Node*> brought;
    std::vector<const Node*> gone;
    for (const Node& node : nodes_) {
      if (node.brought) brought.push_back(&node);
      if (node.gone) gone.push_back(&node);
    }
    const auto is_older = [&](const Node* a, const Node* b) {
      if (a->seconds != b->seconds) return a->seconds < b->seconds;
      return store_.id(a->number) < store_.id(b->number);
    };
    std::ranges::sort(brought, is_older);
    std::ranges::sort(gone, [&](const Node* a, const Node* b) { return is_older(b, a); });
    reach.brought_count = brought.size();
    brought.resize(std::min(brought.size(), Reach::kBroughtMax));
    gone.resize(std::min(gone.size(), Reach::kGoneMax));
    describe(brought, reach.brought);
    describe(gone, reach.gone);
  }

  void describe(const std::vector<const Node*>& nodes, std::vector<event::FindingCommit>& out) {
    for (const Node* node : nodes) {
      const auto object = reader_.read(node->number);
      if (!object || !parse_commit(object->bytes, store_.hash(), parsed_)) continue;
      event::FindingCommit& commit = out.emplace_back();
      commit.id = to_hexadecimal(store_.id(node->number), store_.hash());
      commit.author = parsed_.author.name;
      commit.email = parsed_.author.email;
      commit.time = time_of_seconds(parsed_.author.seconds);
      commit.subject = parsed_.subject().substr(0, kSubjectBytesMax);
    }
  }

  // Enters only folders that hold one. A tree that says "holds" may hold it at one of its paths
  // only, and few do.
  void find_in_head(const ObjectId& head, Reach& reach) {
    const ObjectNumber number = head.is_zero() ? kNoObject : store_.find(head);
    if (number == kNoObject) return;
    const auto commit = reader_.read(number);
    if (!commit || !parse_commit(commit->bytes, store_.hash(), parsed_)) return;
    std::vector<std::pair<ObjectNumber, std::string>> open;
    const ObjectNumber root = store_.find(parsed_.tree);
    if (holds(root)) open.emplace_back(root, "");
    while (!open.empty() && reach.head_files.size() < Reach::kHeadFilesMax) {
      const auto [tree, prefix] = std::move(open.back());
      open.pop_back();
      std::vector<std::pair<ObjectId, std::string>> folders;
      list_holders(tree, prefix, folders, reach);
      if (std::ranges::count(prefix, '/') >= kDepthMax) continue;
      for (auto& [id, path] : folders) {
        const ObjectNumber folder = store_.find(id);
        if (holds(folder)) open.emplace_back(folder, std::move(path));
      }
    }
    std::ranges::sort(reach.head_files, {}, &Reach::File::path);
    reach.head_files.resize(std::min(reach.head_files.size(), Reach::kHeadFilesMax));
  }

  void list_holders(ObjectNumber tree, const std::string& prefix,
                    std::vector<std::pair<ObjectId, std::string>>& folders, Reach& reach) {
    const auto object = reader_.read(tree);
    if (!object || object->type != ObjectType::kTree) return;
    formats::git::TreeReader reader(object->bytes, store_.hash());
    formats::git::TreeEntry entry;
    while (reader.next(entry)) {
      const ObjectId id = ObjectId::from(entry.id, bytes_of(store_.hash()));
      std::string path = prefix + std::string(entry.name);
      if (entry.kind == EntryKind::kTree) {
        folders.emplace_back(id, path + "/");
      } else if (blobs_.contains(id)) {
        reach.head_files.push_back({std::move(path), id});
      }
    }
  }

  ObjectStore& store_;
  ObjectReader& reader_;
  const std::unordered_set<ObjectId, formats::git::ObjectIdHash> blobs_;
  std::array<bool, 256> begins_{};  // first bytes of blobs_, to pass over most others fast
  formats::git::Commit parsed_;
  std::vector<Node> nodes_;  // parents before children
  std::unordered_map<ObjectNumber, std::uint32_t> node_of_;
  std::unordered_set<ObjectNumber> entered_;
  std::vector<State> states_;  // of trees, by number
};

}  // namespace

Result<Reach> find_reach(const formats::git::Repository& repository,
                         const std::vector<ObjectId>& blobs) {
  TRY(ObjectStore store, ObjectStore::open(repository));
  TRY(ObjectReader reader, ObjectReader::create(store, {}));
  return ReachFinder(store, reader, blobs).find(formats::git::read_refs(repository));
}

}  // namespace vedette::scan::git
