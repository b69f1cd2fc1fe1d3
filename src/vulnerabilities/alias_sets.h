// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace vedette::vulnerabilities {

// Names that mean the same thing, joined pair by pair (union-find, without recursion).
class AliasSets {
 public:
  // The number of a name; it is new where it was not known.
  std::uint32_t number(const std::string& name) {
    const auto [entry, added] =
        numbers_.try_emplace(name, static_cast<std::uint32_t>(parents_.size()));
    if (added) {
      parents_.push_back(entry->second);
      names_.push_back(name);
    }
    return entry->second;
  }
  void join(const std::string& a, const std::string& b) {
    const std::uint32_t root_a = root(number(a));
    const std::uint32_t root_b = root(number(b));
    parents_[std::max(root_a, root_b)] = std::min(root_a, root_b);
  }
  std::uint32_t root(std::uint32_t number) {
    while (parents_[number] != number) {
      parents_[number] = parents_[parents_[number]];
      number = parents_[number];
    }
    return number;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::uint32_t> parents_;
  std::vector<std::string> names_;
};

}  // namespace vedette::vulnerabilities
