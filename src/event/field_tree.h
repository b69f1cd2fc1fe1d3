// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "event/value.h"

namespace vedette::event {

// Which keys of an input fill which slots, as a tree of dotted paths: the projection that decoders
// follow. A decoder that meets key K under node N asks child(N, K); kNone says that nothing at or
// below that key is wanted and the value may be skipped unread. A path "a.b.c" is found as nested
// keys, as one literal key "a.b.c", and as any mixture. The path component "*" stands for any one
// key that has no edge of its own. Immutable after build(), shared by threads.
class FieldTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = 0xFFFFFFFF;

  struct Target {
    Slot slot = kNoSlot;
    std::uint8_t rank = 0;  // see Value::rank
    // No condition asks for the slot: a decoder to which making its value costs something may wait
    // until a rule has matched.
    bool late = false;
  };

  class Builder {
   public:
    Builder();
    // The value at `path` goes into `slot`. The same path may fill several slots.
    void add(std::string_view path, Slot slot, std::uint8_t rank, bool late = false);
    // An object under this key of a record is read as the record itself: all paths are found below
    // it too. To be called behind the last add().
    void add_envelope(std::string_view key);
    FieldTree build() &&;

   private:
    struct Draft {
      std::vector<Target> targets;
      std::map<std::string, Node, std::less<>> children;
    };
    Node child_of(Node parent, std::string_view component);
    void merge(Node into, Node from);
    void add_targets(Node node, std::span<const Target> targets);

    std::vector<Draft> nodes_;
    // Unique by their first two members: `edges_` because child_of() asks first, `joined_` by the
    // set.
    std::vector<std::tuple<Node, std::string, Node>> edges_;
    std::set<std::tuple<Node, std::string, Node>> joined_;
  };

  Node child(Node parent, std::string_view key) const {
    std::uint64_t slot = edge_hash(parent, key) & mask_;
    while (edges_[slot].child != kNone) {
      const Edge& edge = edges_[slot];
      if (edge.parent == parent && edge.size == key.size() &&
          same_bytes(text_.data() + edge.text, key)) {
        return edge.child;
      }
      slot = (slot + 1) & mask_;
    }
    return nodes_[parent].any;
  }

  std::span<const Target> targets(Node node) const {
    return {targets_.data() + nodes_[node].first_target, nodes_[node].target_count};
  }
  // Calls visit(key, node) for every key that leads from the root to a node, joined ones ("a.b.c")
  // included.
  template <typename Visit>
  void for_each_root_key(Visit&& visit) const {
    for (const Edge& edge : edges_) {
      if (edge.child != kNone && edge.parent == kRoot) {
        visit(std::string_view(text_).substr(edge.text, edge.size), edge.child);
      }
    }
  }
  // True when some wanted path goes on below this node.
  bool has_children(Node node) const { return nodes_[node].has_children; }

 private:
  struct Edge {
    Node parent = 0;
    Node child = kNone;
    std::uint32_t text = 0;  // offset into text_
    std::uint32_t size = 0;
  };
  struct NodeData {
    std::uint32_t first_target = 0;
    std::uint32_t target_count = 0;
    Node any = kNone;  // child for the component "*"
    bool has_children = false;
  };

  // Keys are short, so a call of memcmp would cost more than the comparison.
  static bool same_bytes(const char* own, std::string_view key) {
    const std::size_t size = key.size();
    const char* const other = key.data();
    if (size > 16) return std::memcmp(own, other, size) == 0;
    const auto differ = [&]<typename Word>(Word) {
      Word a[4];
      std::memcpy(&a[0], own, sizeof(Word));
      std::memcpy(&a[1], other, sizeof(Word));
      std::memcpy(&a[2], own + size - sizeof(Word), sizeof(Word));
      std::memcpy(&a[3], other + size - sizeof(Word), sizeof(Word));
      return ((a[0] ^ a[1]) | (a[2] ^ a[3])) != 0;
    };
    if (size >= 8) return !differ(std::uint64_t{});
    if (size >= 4) return !differ(std::uint32_t{});
    for (std::size_t i = 0; i < size; ++i) {
      if (own[i] != other[i]) return false;
    }
    return true;
  }

  // Keys are short: two overlapping loads of 8 bytes tell them apart well enough for a table that
  // compares whole keys anyway.
  static std::uint64_t edge_hash(Node parent, std::string_view key) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (key.size() >= 8) {
      std::memcpy(&a, key.data(), 8);
      std::memcpy(&b, key.data() + key.size() - 8, 8);
    } else if (key.size() >= 4) {
      std::uint32_t low = 0;
      std::uint32_t high = 0;
      std::memcpy(&low, key.data(), 4);
      std::memcpy(&high, key.data() + key.size() - 4, 4);
      a = low;
      b = high;
    } else {
      for (const char c : key) a = (a << 8) | static_cast<std::uint8_t>(c);
    }
    std::uint64_t h = (a ^ (key.size() << 56)) * 0x9E3779B97F4A7C15ULL;
    h = (h ^ (h >> 32) ^ b ^ (static_cast<std::uint64_t>(parent) << 40)) * 0xD6E8FEB86659FD93ULL;
    return h >> 24;
  }

  std::vector<NodeData> nodes_;
  std::vector<Target> targets_;
  std::vector<Edge> edges_;  // open addressing, size a power of two, at most half full
  std::uint64_t mask_ = 0;
  std::string text_;
};

}  // namespace vedette::event
