// SPDX-License-Identifier: Apache-2.0
#include "scan/models/exchange/tree_check.h"

#include <fmt/format.h>

namespace vedette::scan::models {

std::string tree_fault(const TreeArrays& tree, LeafForm form) {
  const auto nodes = static_cast<std::int64_t>(tree.left.size());
  if (tree.right.size() != tree.left.size())
    return fmt::format("a tree has {} left and {} right children", nodes, tree.right.size());
  if (!tree.feature.empty() && tree.feature.size() != tree.left.size())
    return fmt::format("a tree of {} nodes has {} features", nodes, tree.feature.size());
  // With one parent at most for each node, and none for the first, no way down from it meets
  // itself.
  std::vector<bool> has_parent(tree.left.size());
  for (std::size_t i = 0; i < tree.left.size(); ++i) {
    const bool is_leaf = form == LeafForm::kNone && tree.left[i] == -1;
    for (const std::int64_t child : {tree.left[i], tree.right[i]}) {
      if (is_leaf) break;
      if (child < 0 && form == LeafForm::kBelow) {
        if (~child > nodes) return fmt::format("a tree of {} nodes has leaf {}", nodes, ~child);
        continue;
      }
      if (child < 0 || child >= nodes)
        return fmt::format("a tree of {} nodes has child {}", nodes, child);
      if (child == 0 || has_parent[static_cast<std::size_t>(child)])
        return fmt::format("node {} of a tree is reached twice", child);
      has_parent[static_cast<std::size_t>(child)] = true;
    }
    if (is_leaf || tree.feature.empty()) continue;
    const std::int64_t feature = tree.feature[i];
    if (feature < 0 || (tree.features != 0 && feature >= tree.features))
      return fmt::format("a tree asks for feature {} of {}", feature, tree.features);
  }
  return {};
}

}  // namespace vedette::scan::models
