// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace vedette::detect {

// Many multisets of numbers in one pool of nodes, each asked for its k-th smallest: treaps (Seidel
// and Aragon 1996) with the number of values below every node. Every operation takes expected time
// O(log n): the shape follows from priorities drawn here, never from the numbers. Nodes that come
// free are used again. Not thread-safe.
class OrderStatistics {
 public:
  // A multiset; kEmpty is the empty one. A value of this type belongs to one multiset only.
  using Root = std::uint32_t;
  static constexpr Root kEmpty = 0;

  OrderStatistics() : nodes_(1) {}

  // `number` is finite.
  void insert(Root& root, double number);
  // Takes one occurrence out; the multiset holds it.
  void erase(Root& root, double number);
  std::uint64_t size(Root root) const { return nodes_[root].size; }
  // k counts from 0 and is below size().
  double smallest(Root root, std::uint64_t k) const;
  // The number at `percent` (0 to 100) of the way through the sorted values, linear between
  // neighbours (rank percent / 100 * (n - 1)). The multiset is not empty.
  double percentile(Root root, double percent) const;

 private:
  struct Node {
    double number = 0;
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    std::uint32_t priority = 0;
    std::uint32_t count = 0;  // occurrences of `number`
    std::uint64_t size = 0;   // occurrences in the whole subtree
  };

  Root make_node(double number);
  void update_size(Root root);
  // Parts the tree into what is below `number` and the rest, which does not hold `number` itself.
  void split(Root root, double number, Root& below, Root& above);
  Root merge(Root below, Root above);

  std::vector<Node> nodes_;  // [0] stands for the empty tree
  std::uint32_t free_ = 0;   // chained through `left`
  std::uint32_t random_ = 0x9E3779B9;
};

}  // namespace vedette::detect
