// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/collection.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "rules/sigma/detection.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

// Members made by all merges of a file, in terms of the values that one document may have.
constexpr std::size_t kMergedFactor = 4;

class Merger {
 public:
  Merger(std::size_t members_max, Arena& arena) : left_(members_max), arena_(arena) {}

  // `base` with every member of `over` put in place of its own, maps member by member; the place
  // of the result is that of `at`. Null when the bound is reached. Recursion as deep as YAML.
  const Node* merge(const Node& base, const Node& over, const Node& at) {
    if (base.members.size() + over.members.size() > left_) return nullptr;
    left_ -= base.members.size() + over.members.size();
    std::vector<Member> members(base.members.begin(), base.members.end());
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < members.size(); ++i) places.emplace(members[i].key->text, i);
    for (const Member& member : over.members) {
      const auto [place, is_new] = places.emplace(member.key->text, members.size());
      if (is_new) {
        members.push_back(member);
        continue;
      }
      Member& target = members[place->second];
      const bool maps =
          target.value->kind == NodeKind::kMapping && member.value->kind == NodeKind::kMapping;
      target.value = maps ? merge(*target.value, *member.value, *target.value) : member.value;
      if (target.value == nullptr) return nullptr;
    }
    return make(members, at);
  }

  const Node* without(const Node& node, std::string_view key) {
    std::vector<Member> members;
    for (const Member& member : node.members) {
      if (member.key->text != key) members.push_back(member);
    }
    return make(members, node);
  }

 private:
  const Node* make(const std::vector<Member>& members, const Node& at) {
    const auto stored = arena_.make_array<Member>(members.size());
    std::ranges::copy(members, stored.begin());
    Node* node = arena_.make_array<Node>(1).data();
    node->kind = NodeKind::kMapping;
    node->members = stored;
    node->line = at.line;
    node->column = at.column;
    return node;
  }

  std::size_t left_;
  Arena& arena_;  // the caller's
};

bool is_sigma(const Node& root) {
  return root.find("detection") != nullptr || root.find("correlation") != nullptr ||
         root.find("filter") != nullptr || root.find("logsource") != nullptr;
}

// The documents in order; keeps what `action` refers to.
class Collector {
 public:
  Collector(Collection& collection, Merger& merger) : collection_(collection), merger_(merger) {}

  void add(const Node& root) {
    if (root.kind == NodeKind::kScalar && scalar_type(root) == ScalarType::kNull) return;
    if (root.kind != NodeKind::kMapping) {
      collection_.foreign.push_back(position_of(root));
      return;
    }
    const Node* action = root.find("action");
    if (action != nullptr && action->kind == NodeKind::kScalar && (is_action(action->text))) {
      return act(root, action->text);
    }
    if (!is_sigma(root) && global_ == nullptr) {
      collection_.foreign.push_back(position_of(root));
      return;
    }
    const bool takes_global = root.find("correlation") == nullptr && root.find("filter") == nullptr;
    if (!takes_global) {
      collection_.roots.push_back(&root);
      return;
    }
    previous_ = global_ == nullptr ? &root : merger_.merge(root, *global_, root);
    emit(root);
  }

 private:
  static bool is_action(std::string_view text) {
    return text == "global" || text == "repeat" || text == "reset";
  }

  void act(const Node& root, std::string_view action) {
    if (action == "reset") {
      global_ = nullptr;
    } else if (action == "global") {
      global_ = previous_ = merger_.without(root, "action");
    } else if (previous_ == nullptr) {
      collection_.problems.push_back(
          {position_of(root), "`action: repeat` needs a document before it"});
    } else {
      previous_ = merger_.merge(*previous_, *merger_.without(root, "action"), root);
      emit(root);
    }
  }

  void emit(const Node& root) {
    if (previous_ != nullptr) return collection_.roots.push_back(previous_);
    collection_.problems.push_back(
        {position_of(root), "the documents of this file merge to too many values; split the file"});
  }

  Collection& collection_;  // the caller's, like the merger
  Merger& merger_;
  const Node* global_ = nullptr;
  const Node* previous_ = nullptr;
};

}  // namespace

Collection collect(const formats::yaml::Document& document, const Limits& limits, Arena& arena) {
  Collection collection;
  Merger merger(limits.values_max * kMergedFactor, arena);
  Collector collector(collection, merger);
  for (const Node* root : document.roots()) collector.add(*root);
  return collection;
}

}  // namespace vedette::rules::sigma
