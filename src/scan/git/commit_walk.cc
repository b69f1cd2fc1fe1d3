// SPDX-License-Identifier: Apache-2.0
#include "scan/git/commit_walk.h"

#include <algorithm>
#include <limits>
#include <queue>

namespace vedette::scan::git {

using formats::git::ObjectId;
using formats::git::ObjectType;

namespace {

// How many commits more are looked at when all seems answered: clocks go wrong.
constexpr unsigned kPatience = 5;

}  // namespace

std::uint32_t& CommitWalk::node_of(ObjectNumber number) {
  if (number < node_of_packed_.size()) return node_of_packed_[number];
  return node_of_loose_.try_emplace(number, kNone).first->second;
}

// Reads a commit once; kNone where that cannot be done, which is counted once.
std::uint32_t CommitWalk::load(ObjectNumber number) {
  std::uint32_t& known = node_of(number);
  if (known != kNone) return known == kNone - 1 ? kNone : known;
  known = kNone - 1;
  const ObjectId id = store_.id(number);
  const auto lost = [&](const Error& error) {
    losses_.add(error, to_hexadecimal(id, store_.hash()));
    return kNone;
  };
  const auto object = reader_.read(number);
  if (!object) return lost(object.error());
  if (object->type != ObjectType::kCommit)
    return lost({ErrorCode::kInvalid, "expected a commit, found something else"});
  if (const auto parsed = parse_commit(object->bytes, store_.hash(), parsed_); !parsed)
    return lost(parsed.error());
  Node node;
  node.number = number;
  node.seconds = parsed_.committer.seconds;
  node.first_parent = static_cast<std::uint32_t>(parents_.size());
  const bool shallow = std::ranges::binary_search(repository_.shallow, id);
  met_shallow_ = met_shallow_ || shallow;
  node.tree = store_.find(parsed_.tree);
  if (node.tree == kNoObject) {
    losses_.miss(repository_.partial ? LossKind::kPromised : LossKind::kMissing, parsed_.tree,
                 to_hexadecimal(parsed_.tree, store_.hash()), "the tree of a commit is missing");
  }
  if (!shallow) {
    for (const ObjectId& parent : parsed_.parents) {
      const ObjectNumber found = store_.find(parent);
      if (found == kNoObject) {
        losses_.miss(repository_.partial ? LossKind::kPromised : LossKind::kMissing, parent,
                     to_hexadecimal(parent, store_.hash()), "the parent of a commit is missing");
        continue;
      }
      parents_.push_back(found);
    }
  }
  node.parent_count = static_cast<std::uint32_t>(parents_.size()) - node.first_parent;
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(node);
  flags_.push_back(0);
  node_of(number) = index;
  return index;
}

void CommitWalk::load_all(std::span<const ObjectNumber> tips) {
  std::vector<ObjectNumber> open(tips.rbegin(), tips.rend());
  while (!open.empty()) {
    const ObjectNumber number = open.back();
    open.pop_back();
    if (node_of(number) != kNone) continue;
    const std::uint32_t index = load(number);
    if (index == kNone) continue;
    flags_[index] |= kListed;
    const Node& node = nodes_[index];
    for (std::uint32_t i = node.parent_count; i-- > 0;)
      open.push_back(parents_[node.first_parent + i]);
  }
}

// Hides a commit and all that is known to be reachable from it. `open`: commits in the queue that
// are not hidden.
void CommitWalk::hide(std::uint32_t first, std::uint64_t& open) {
  std::vector<std::uint32_t> stack = {first};
  while (!stack.empty()) {
    const std::uint32_t index = stack.back();
    stack.pop_back();
    if ((flags_[index] & kHidden) != 0) continue;
    flags_[index] |= kHidden;
    if ((flags_[index] & (kQueued | kListed)) == kQueued) --open;
    if ((flags_[index] & kListed) == 0) continue;
    const Node& node = nodes_[index];
    for (std::uint32_t i = 0; i < node.parent_count; ++i) {
      const std::uint32_t parent = node_of(parents_[node.first_parent + i]);
      if (parent < kNone - 1) stack.push_back(parent);
    }
  }
}

// As `git rev-list TIPS --not HIDDEN`: newest first, until all that waits is hidden.
void CommitWalk::load_newer(std::span<const ObjectNumber> tips,
                            std::span<const ObjectNumber> hidden) {
  using Waiting = std::pair<std::int64_t, std::uint32_t>;
  std::priority_queue<Waiting> queue;
  std::uint64_t open = 0;
  const auto enqueue = [&](ObjectNumber number, bool hide_it) {
    const std::uint32_t index = load(number);
    if (index == kNone) return;
    if (hide_it) hide(index, open);
    if ((flags_[index] & kQueued) != 0) return;
    flags_[index] |= kQueued;
    if ((flags_[index] & kHidden) == 0) ++open;
    queue.emplace(nodes_[index].seconds, index);
  };
  for (const ObjectNumber number : hidden) enqueue(number, true);
  for (const ObjectNumber number : tips) enqueue(number, false);
  unsigned patience = kPatience;
  // While nothing is listed nothing can be listed wrongly.
  std::int64_t oldest_listed = std::numeric_limits<std::int64_t>::max();
  while (!queue.empty()) {
    const auto [seconds, index] = queue.top();
    if (open != 0 || seconds >= oldest_listed) {
      patience = kPatience;
    } else if (patience-- == 0) {
      break;
    }
    queue.pop();
    const bool is_hidden = (flags_[index] & kHidden) != 0;
    if (!is_hidden) {
      --open;
      oldest_listed = seconds;
    }
    flags_[index] |= kListed;
    const Node node = nodes_[index];
    for (std::uint32_t i = 0; i < node.parent_count; ++i)
      enqueue(parents_[node.first_parent + i], is_hidden);
  }
}

// Kahn's algorithm; the queue holds commits all of whose parents are done.
void CommitWalk::put_in_order() {
  const auto is_wanted = [&](std::uint32_t index) {
    return (flags_[index] & (kHidden | kListed)) == kListed;
  };
  std::vector<std::uint32_t> waits_for(nodes_.size());
  std::vector<std::uint32_t> child_begin(nodes_.size() + 1);
  std::size_t wanted = 0;
  const auto each_parent = [&](std::uint32_t index, const auto& act) {
    const Node& node = nodes_[index];
    for (std::uint32_t i = 0; i < node.parent_count; ++i) {
      const std::uint32_t parent = node_of(parents_[node.first_parent + i]);
      if (parent < kNone - 1 && is_wanted(parent)) act(parent);
    }
  };
  for (std::uint32_t index = 0; index < nodes_.size(); ++index) {
    if (!is_wanted(index)) continue;
    ++wanted;
    each_parent(index, [&](std::uint32_t parent) {
      ++waits_for[index];
      ++child_begin[parent + 1];
    });
  }
  for (std::size_t i = 1; i < child_begin.size(); ++i) child_begin[i] += child_begin[i - 1];
  std::vector<std::uint32_t> children(child_begin.back());
  std::vector<std::uint32_t> filled(child_begin.begin(), child_begin.end() - 1);
  for (std::uint32_t index = 0; index < nodes_.size(); ++index) {
    if (is_wanted(index))
      each_parent(index, [&](std::uint32_t parent) { children[filled[parent]++] = index; });
  }
  const auto later = [&](std::uint32_t a, std::uint32_t b) {
    if (nodes_[a].seconds != nodes_[b].seconds) return nodes_[a].seconds > nodes_[b].seconds;
    return store_.id(nodes_[b].number) < store_.id(nodes_[a].number);
  };
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, decltype(later)> ready(later);
  for (std::uint32_t index = 0; index < nodes_.size(); ++index) {
    if (!is_wanted(index)) continue;
    if (waits_for[index] == 0) ready.push(index);
    if (child_begin[index] == child_begin[index + 1]) heads_.push_back(nodes_[index].number);
  }
  commits_.reserve(wanted);
  while (!ready.empty()) {
    const std::uint32_t index = ready.top();
    ready.pop();
    commits_.push_back(nodes_[index]);
    for (std::uint32_t i = child_begin[index]; i < child_begin[index + 1]; ++i) {
      if (--waits_for[children[i]] == 0) ready.push(children[i]);
    }
  }
}

void CommitWalk::find_boundary() {
  std::vector<std::uint8_t> taken(nodes_.size());
  for (std::uint32_t index = 0; index < nodes_.size(); ++index) {
    if ((flags_[index] & (kHidden | kListed)) != kListed) continue;
    const Node& node = nodes_[index];
    for (std::uint32_t i = 0; i < node.parent_count; ++i) {
      const std::uint32_t parent = node_of(parents_[node.first_parent + i]);
      if (parent >= kNone - 1 || (flags_[parent] & kHidden) == 0 || taken[parent] != 0) continue;
      taken[parent] = 1;
      boundary_.push_back(nodes_[parent]);
    }
  }
}

void CommitWalk::walk(std::span<const ObjectNumber> tips, std::span<const ObjectNumber> hidden) {
  node_of_packed_.assign(store_.packed_count(), kNone);
  if (hidden.empty()) {
    load_all(tips);
  } else {
    load_newer(tips, hidden);
  }
  put_in_order();
  find_boundary();
  nodes_ = {};
  parents_ = {};
  flags_ = {};
  node_of_packed_ = {};
  node_of_loose_ = {};
}

}  // namespace vedette::scan::git
