// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vedette::scan::models {

// A decision tree as lists by the number of its nodes.
struct TreeArrays {
  std::vector<std::int64_t> left;  // numbers of nodes
  std::vector<std::int64_t> right;
  std::vector<std::int64_t> feature;  // that a node asks for; may be empty
  std::int64_t features = 0;          // how many there are; 0: not known
};

// How a tree is stored: a child that is no node (a leaf, or none).
enum class LeafForm : std::uint8_t {
  kNone,   // -1 to the left of leaves, which are nodes themselves (XGBoost)
  kBelow,  // ~leaf: leaves are numbered by themselves, one more than there are nodes (LightGBM)
};

// What is wrong, in words: nodes or features that do not exist, which a library that trusts them
// reads outside of its arrays, or circles, in which it never ends. Empty: nothing.
std::string tree_fault(const TreeArrays& tree, LeafForm form);

}  // namespace vedette::scan::models
