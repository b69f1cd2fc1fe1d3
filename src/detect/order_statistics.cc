// SPDX-License-Identifier: Apache-2.0
#include "detect/order_statistics.h"

#include <algorithm>
#include <cmath>

namespace vedette::detect {

OrderStatistics::Root OrderStatistics::make_node(double number) {
  random_ ^= random_ << 13;  // xorshift32 (Marsaglia 2003)
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  Root root = free_;
  if (root != 0) {
    free_ = nodes_[root].left;
  } else {
    root = static_cast<Root>(nodes_.size());
    nodes_.emplace_back();
  }
  nodes_[root] = {number, 0, 0, random_, 1, 1};
  return root;
}

void OrderStatistics::update_size(Root root) {
  Node& node = nodes_[root];
  node.size = node.count + nodes_[node.left].size + nodes_[node.right].size;
}

// split() and merge() recurse along one path from the root: about 2 log2(n) deep.
void OrderStatistics::split(Root root, double number, Root& below, Root& above) {
  if (root == kEmpty) {
    below = above = kEmpty;
    return;
  }
  Root part = kEmpty;
  if (nodes_[root].number < number) {
    split(nodes_[root].right, number, part, above);
    nodes_[root].right = part;
    below = root;
  } else {
    split(nodes_[root].left, number, below, part);
    nodes_[root].left = part;
    above = root;
  }
  update_size(root);
}

OrderStatistics::Root OrderStatistics::merge(Root below, Root above) {
  if (below == kEmpty) return above;
  if (above == kEmpty) return below;
  if (nodes_[below].priority >= nodes_[above].priority) {
    const Root part = merge(nodes_[below].right, above);
    nodes_[below].right = part;
    update_size(below);
    return below;
  }
  const Root part = merge(below, nodes_[above].left);
  nodes_[above].left = part;
  update_size(above);
  return above;
}

void OrderStatistics::insert(Root& root, double number) {
  Root found = root;
  while (found != kEmpty && nodes_[found].number != number) {
    found = number < nodes_[found].number ? nodes_[found].left : nodes_[found].right;
  }
  if (found != kEmpty) {
    for (Root at = root; at != found;) {
      ++nodes_[at].size;
      at = number < nodes_[at].number ? nodes_[at].left : nodes_[at].right;
    }
    ++nodes_[found].size;
    ++nodes_[found].count;
    return;
  }
  const Root added = make_node(number);  // before links are taken: the pool may move
  Root* link = &root;
  while (*link != kEmpty && nodes_[*link].priority >= nodes_[added].priority) {
    Node& node = nodes_[*link];
    ++node.size;
    link = number < node.number ? &node.left : &node.right;
  }
  Root below = kEmpty;
  Root above = kEmpty;
  split(*link, number, below, above);
  nodes_[added].left = below;
  nodes_[added].right = above;
  update_size(added);
  *link = added;
}

void OrderStatistics::erase(Root& root, double number) {
  Root* link = &root;
  while (nodes_[*link].number != number) {
    Node& node = nodes_[*link];
    --node.size;
    link = number < node.number ? &node.left : &node.right;
  }
  const Root found = *link;
  if (nodes_[found].count > 1) {
    --nodes_[found].count;
    --nodes_[found].size;
    return;
  }
  *link = merge(nodes_[found].left, nodes_[found].right);
  nodes_[found].left = free_;
  free_ = found;
}

double OrderStatistics::smallest(Root root, std::uint64_t k) const {
  for (;;) {
    const Node& node = nodes_[root];
    const std::uint64_t below = nodes_[node.left].size;
    if (k < below) {
      root = node.left;
    } else if (k < below + node.count) {
      return node.number;
    } else {
      k -= below + node.count;
      root = node.right;
    }
  }
}

double OrderStatistics::percentile(Root root, double percent) const {
  const double rank = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(size(root) - 1);
  const double whole = std::floor(rank);
  const double share = rank - whole;
  const auto k = static_cast<std::uint64_t>(whole);
  const double lower = smallest(root, k);
  if (share == 0 || k + 1 >= size(root)) return lower;
  // Not lower + share * (upper - lower): the difference of two finite numbers may not be finite.
  return lower * (1 - share) + smallest(root, k + 1) * share;
}

}  // namespace vedette::detect
