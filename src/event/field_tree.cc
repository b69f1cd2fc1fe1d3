// SPDX-License-Identifier: Apache-2.0
#include "event/field_tree.h"

#include <algorithm>
#include <bit>

namespace vedette::event {

FieldTree::Builder::Builder() : nodes_(1) {}

FieldTree::Node FieldTree::Builder::child_of(Node parent, std::string_view component) {
  const auto found = nodes_[parent].children.find(component);
  if (found != nodes_[parent].children.end()) return found->second;
  const Node node = static_cast<Node>(nodes_.size());
  nodes_.emplace_back();
  nodes_[parent].children.emplace(component, node);
  edges_.emplace_back(parent, std::string(component), node);
  return node;
}

void FieldTree::Builder::add(std::string_view path, Slot slot, std::uint8_t rank, bool late) {
  // The nodes along the path, and where each component starts and ends in it.
  std::vector<Node> along{kRoot};
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t dot = std::min(path.find('.', start), path.size());
    parts.emplace_back(start, dot);
    along.push_back(child_of(along.back(), path.substr(start, dot - start)));
    start = dot + 1;
  }
  // A literal key may join any run of two or more components.
  for (std::size_t first = 0; first < parts.size(); ++first) {
    for (std::size_t last = first + 1; last < parts.size(); ++last) {
      std::string joined(path.substr(parts[first].first, parts[last].second - parts[first].first));
      joined_.emplace(along[first], std::move(joined), along[last + 1]);
    }
  }
  const Target target{slot, rank, late};
  add_targets(along.back(), {&target, 1});
}

void FieldTree::Builder::add_targets(Node node, std::span<const Target> targets) {
  auto& held = nodes_[node].targets;
  for (const Target& target : targets) {
    const auto same = std::ranges::find(held, target.slot, &Target::slot);
    if (same == held.end()) {
      held.push_back(target);
    } else {
      same->rank = std::min(same->rank, target.rank);
    }
  }
}

void FieldTree::Builder::add_envelope(std::string_view key) {
  const Node envelope = child_of(kRoot, key);
  merge(envelope, kRoot);
  std::vector<std::pair<std::string, Node>> joined;
  for (const auto& [parent, name, child] : joined_) {
    if (parent == kRoot) joined.emplace_back(name, child);
  }
  for (auto& [name, child] : joined) joined_.emplace(envelope, std::move(name), child);
}

// What is below `from` is below `into` too. Subtrees that `into` lacks are shared, not copied. Goes
// no deeper than paths are long.
void FieldTree::Builder::merge(Node into, Node from) {
  std::vector<std::pair<Node, Node>> todo{{into, from}};
  while (!todo.empty()) {
    const auto [to, source] = todo.back();
    todo.pop_back();
    const auto children = nodes_[source].children;  // a copy: an envelope is a child of the root
    for (const auto& [name, child] : children) {
      if (child == into) continue;
      const auto [own, is_new] = nodes_[to].children.emplace(name, child);
      if (is_new) {
        edges_.emplace_back(to, name, child);
      } else if (own->second != child) {
        add_targets(own->second, std::vector<Target>(nodes_[child].targets));
        todo.emplace_back(own->second, child);
      }
    }
  }
}

FieldTree FieldTree::Builder::build() && {
  FieldTree tree;
  tree.nodes_.resize(nodes_.size());
  edges_.insert(edges_.end(), joined_.begin(), joined_.end());
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(edges_.size() * 2 + 2, 16));
  tree.edges_.resize(size);
  tree.mask_ = size - 1;
  for (const auto& [parent, key, child] : edges_) {
    tree.nodes_[parent].has_children = true;
    if (key == "*") {
      tree.nodes_[parent].any = child;
      continue;
    }
    std::uint64_t at = edge_hash(parent, key) & tree.mask_;
    while (tree.edges_[at].child != kNone) at = (at + 1) & tree.mask_;
    tree.edges_[at] = {parent, child, static_cast<std::uint32_t>(tree.text_.size()),
                       static_cast<std::uint32_t>(key.size())};
    tree.text_ += key;
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    tree.nodes_[i].first_target = static_cast<std::uint32_t>(tree.targets_.size());
    tree.nodes_[i].target_count = static_cast<std::uint32_t>(nodes_[i].targets.size());
    tree.targets_.insert(tree.targets_.end(), nodes_[i].targets.begin(), nodes_[i].targets.end());
  }
  return tree;
}

}  // namespace vedette::event
