// SPDX-License-Identifier: Apache-2.0
#include "scan/git/tree_walk.h"

#include <algorithm>
#include <cstring>

namespace vedette::scan::git {

using formats::git::EntryKind;
using formats::git::kNoObject;
using formats::git::ObjectId;
using formats::git::ObjectType;
using formats::git::TreeEntry;
using formats::git::TreeReader;

TreeWalk::TreeWalk(formats::git::ObjectStore& store, formats::git::ObjectReader& reader,
                   bool partial, Losses& losses)
    : store_(store), reader_(reader), partial_(partial), losses_(losses) {
  origins_.assign(store.count(), {kUnseen, 0});
  wanted_.assign(store.count(), 0);
}

// True when it is met for the first time.
bool TreeWalk::mark(ObjectNumber number, std::uint32_t commit, std::uint32_t path) {
  if (number >= origins_.size()) {
    origins_.resize(std::size_t{number} + 1 + number / 8, {kUnseen, 0});
    wanted_.resize(origins_.size());
  }
  Origin& origin = origins_[number];
  if (origin.commit != kUnseen) return false;
  origin = {commit, path};
  return true;
}

void TreeWalk::add_blob(ObjectNumber blob, std::uint32_t path) {
  if (!mark(blob, kNoCommit, path)) return;
  wanted_[blob] = 1;
  ++blobs_;
}

void TreeWalk::walk(ObjectNumber tree, std::uint32_t commit, std::uint32_t path) {
  if (!mark(tree, commit, 0)) return;
  open_.push_back({tree, path, 0});
  while (!open_.empty()) {
    const Open open = open_.back();
    open_.pop_back();
    read_tree(open, commit);
  }
}

void TreeWalk::read_tree(const Open& open, std::uint32_t commit) {
  const auto object = reader_.read(open.tree);
  const auto lost = [&](const Error& error) {
    losses_.add(error, to_hexadecimal(store_.id(open.tree), store_.hash()) + " " +
                           paths_.path(open.path) + "/");
  };
  if (!object) return lost(object.error());
  if (object->type != ObjectType::kTree)
    return lost({ErrorCode::kInvalid, "expected a tree, found something else"});
  const std::size_t opened = open_.size();
  compare(object->bytes, earlier(open.path), open, commit);
  // The first in the tree is the first to be read, so that the order is that of names.
  std::reverse(open_.begin() + static_cast<std::ptrdiff_t>(opened), open_.end());
  keep(open.path, object->bytes);
}

// Meets entries of `now` that are not in `before`. Both are sorted alike; where they are not (a
// damaged tree), an entry is met once more than needed, which does no harm.
void TreeWalk::compare(std::string_view now, std::string_view before, const Open& open,
                       std::uint32_t commit) {
  TreeReader new_tree(now, store_.hash());
  TreeReader old_tree(before, store_.hash());
  TreeEntry entry;
  TreeEntry old_entry;
  while (new_tree.next(entry)) {
    while (true) {
      const std::string_view old_rest = old_tree.rest();
      if (old_rest.starts_with(entry.bytes)) {
        old_tree.skip(entry.bytes.size());
        break;
      }
      TreeReader ahead = old_tree;
      if (!ahead.next(old_entry) || old_entry.name > entry.name) {
        meet(entry, open, commit);
        break;
      }
      old_tree = ahead;
      if (old_entry.name == entry.name) {
        if (old_entry.bytes != entry.bytes) meet(entry, open, commit);
        break;
      }
    }
  }
  if (!new_tree.damaged()) return;
  losses_.add(
      LossKind::kDamaged,
      to_hexadecimal(store_.id(open.tree), store_.hash()) + " " + paths_.path(open.path) + "/",
      "the tree is damaged");
}

void TreeWalk::meet(const TreeEntry& entry, const Open& open, std::uint32_t commit) {
  if (entry.kind == EntryKind::kCommit) return;  // a submodule's, in a repository of its own
  const ObjectId id = ObjectId::from(entry.id, bytes_of(store_.hash()));
  const ObjectNumber number = store_.find(id);
  if (number == kNoObject) return miss(entry.id, open, entry.name, commit);
  if (entry.kind != EntryKind::kTree) {
    if (is_seen(number)) return;
    mark(number, commit, paths_.add(open.path, entry.name));
    if (commit == kHiddenCommit) return;
    wanted_[number] = 1;
    ++blobs_;
    return;
  }
  if (!mark(number, commit, 0)) return;
  if (open.depth == kDepthMax) {
    losses_.add(LossKind::kTooLarge, to_hexadecimal(id, store_.hash()),
                "its folder is too deep inside of others");
    return;
  }
  open_.push_back({number, paths_.add(open.path, entry.name), open.depth + 1});
}

void TreeWalk::miss(const char* id, const Open& open, std::string_view name, std::uint32_t commit) {
  const ObjectId missing = ObjectId::from(id, bytes_of(store_.hash()));
  if (missing_.size() < kMissingMax && !missing_.insert(missing).second) return;
  if (commit == kHiddenCommit) return;
  std::string path = paths_.path(open.path);
  if (!path.empty()) path += '/';
  path += name;
  losses_.miss(partial_ ? LossKind::kPromised : LossKind::kMissing, missing,
               to_hexadecimal(missing, store_.hash()) + " " + path, "the object is not there");
}

std::string_view TreeWalk::earlier(std::uint32_t path) {
  const auto place = earlier_at_.find(path);
  if (place == earlier_at_.end()) return {};
  earlier_.splice(earlier_.begin(), earlier_, place->second);
  return place->second->bytes.view();
}

void TreeWalk::keep(std::uint32_t path, std::string_view bytes) {
  const auto [place, is_new] = earlier_at_.try_emplace(path);
  if (is_new) {
    earlier_.push_front({path, {}});
    place->second = earlier_.begin();
  }
  Buffer& buffer = place->second->bytes;
  earlier_bytes_ -= buffer.capacity();
  if (bytes.size() > buffer.capacity()) buffer.reset(bytes.size() + bytes.size() / 8);
  std::memcpy(buffer.reset(bytes.size()), bytes.data(), bytes.size());
  earlier_bytes_ += buffer.capacity();
  while (earlier_bytes_ > kEarlierBytes && earlier_.size() > 1) {
    earlier_bytes_ -= earlier_.back().bytes.capacity();
    earlier_at_.erase(earlier_.back().path);
    earlier_.pop_back();
  }
}

}  // namespace vedette::scan::git
