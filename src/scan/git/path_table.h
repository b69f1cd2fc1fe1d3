// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"

namespace vedette::scan::git {

// All paths of a history, each stored once as a name in its folder. 0 is the root.
class PathTable {
 public:
  static constexpr std::uint32_t kRoot = 0;

  PathTable() : nodes_(1) {}

  // The number of `name` in the folder `parent`.
  std::uint32_t add(std::uint32_t parent, std::string_view name) {
    const std::uint64_t key = hash_bytes(name, parent);
    // Names that only share their hash go to the next free place.
    for (std::uint64_t probe = key;; ++probe) {
      const auto [place, is_new] =
          numbers_.try_emplace(probe, static_cast<std::uint32_t>(nodes_.size()));
      if (is_new) {
        nodes_.push_back({parent, static_cast<std::uint32_t>(name.size()), names_.size()});
        names_ += name;
        return place->second;
      }
      const Node& node = nodes_[place->second];
      if (node.parent == parent && name_of(node) == name) return place->second;
    }
  }

  // "a/b/c"; "" for the root.
  std::string path(std::uint32_t number) const {
    std::vector<std::uint32_t> parts;
    for (; number != kRoot; number = nodes_[number].parent) parts.push_back(number);
    std::string text;
    for (std::size_t i = parts.size(); i-- > 0;) {
      text += name_of(nodes_[parts[i]]);
      if (i != 0) text += '/';
    }
    return text;
  }
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t name_size = 0;
    std::uint64_t name_begin = 0;
  };
  std::string_view name_of(const Node& node) const {
    return std::string_view(names_).substr(node.name_begin, node.name_size);
  }

  std::vector<Node> nodes_;
  std::string names_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

}  // namespace vedette::scan::git
