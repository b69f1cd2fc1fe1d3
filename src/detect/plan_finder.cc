// SPDX-License-Identifier: Apache-2.0
#include "detect/plan_finder.h"

#include <algorithm>

#include "detect/field_comparison.h"

namespace vedette::detect {

using event::Event;
using event::Kind;
using event::Slot;
using event::Value;
using rules::Instruction;
using rules::PredicateId;
using rules::PredicateRow;
using rules::Test;

namespace {

// Among the predicates of a set: some value is null.
constexpr std::uint32_t kNullMember = 0xFFFFFFFF;
// Sets beyond this are forgotten, with the tree: ever new combinations must not fill the memory.
constexpr std::size_t kSetsMax = 65536;

bool compares_fields(const PredicateRow& row) { return row.other != event::kNoSlot; }

}  // namespace

const rules::Plan& PlanFinder::find(const Event& event) {
  std::fill(mask_.begin(), mask_.end(), 0);
  const std::size_t count = program_.discriminators().size();
  for (const Slot slot : event.present()) {
    if (slot < count) mask_[slot >> 6] |= std::uint64_t{1} << (slot & 63);
  }
  if (nodes_.size() > kNodesMax || sets_.size() > kSetsMax) {
    nodes_.clear();
    edges_.assign(kEdges, {});
    roots_.clear();
    last_root_ = kNone;
    if (sets_.size() > kSetsMax) {
      sets_.clear();
      set_numbers_.clear();
      memo_.forget();  // it holds numbers of sets
    }
  }
  path_.clear();
  std::uint32_t node = root();
  while (nodes_[node].plan == nullptr) {
    if (nodes_[node].compares) return compare(nodes_[node], event);
    const Slot slot = nodes_[node].slot;
    const std::uint32_t set = set_of(slot, event);
    path_.emplace_back(slot, set);
    node = child(node, set);
  }
  return *nodes_[node].plan;
}

std::uint32_t PlanFinder::root() {
  if (last_root_ != kNone && mask_ == last_mask_) return last_root_;
  const auto [found, added] = roots_.try_emplace(mask_, kNone);
  if (added) {
    std::vector<std::uint32_t> all(program_.entries().size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    found->second = add_node(all, {});
  }
  last_mask_ = mask_;
  last_root_ = found->second;
  return last_root_;
}

std::uint32_t PlanFinder::child(std::uint32_t node, std::uint32_t set) {
  const std::uint64_t key = std::uint64_t{node} << 32 | set;
  std::size_t at = (key * 0x9E3779B97F4A7C15ULL >> 40) % kEdges;
  while (edges_[at].node != kNone) {
    if (edges_[at].node == node && edges_[at].set == set) return edges_[at].child;
    at = (at + 1) % kEdges;
  }
  const std::vector<std::uint32_t> open = nodes_[node].open;
  const std::uint32_t fresh = add_node(open, nodes_[node].accepted);
  edges_[at] = {node, set, fresh};
  return fresh;
}

// A node for events with the fields of mask_ and the values of path_.
std::uint32_t PlanFinder::add_node(std::span<const std::uint32_t> open,
                                   std::vector<std::uint32_t> accepted) {
  Node node;
  std::map<Slot, std::size_t> votes;
  for (const std::uint32_t index : open) {
    const rules::EntryCode& entry = program_.entries()[index];
    const Truth decided =
        entry.constant ? (*entry.constant ? Truth::kTrue : Truth::kFalse) : decide(entry, votes);
    if (decided == Truth::kUnknown) node.open.push_back(index);
    if (decided == Truth::kTrue) accepted.push_back(index);
  }
  std::sort(accepted.begin(), accepted.end());
  node.accepted = std::move(accepted);
  if (node.open.empty()) {
    node.plan = &program_.plan(node.accepted);
  } else if (votes.empty()) {
    node.compares = true;
  } else {
    node.slot = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
                  return a.second < b.second;
                })->first;
  }
  nodes_.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

// What is known of an entry's condition; while that is too little, the fields that would tell get a
// vote each.
PlanFinder::Truth PlanFinder::decide(const rules::EntryCode& entry,
                                     std::map<Slot, std::size_t>& votes) {
  const std::span<const Instruction> code = program_.code(entry);
  const auto known = [&](const Instruction& instruction) {
    return truth(program_.predicate(instruction.predicate), instruction.predicate);
  };
  // Jumps go forwards, so what follows a step is decided before it.
  std::vector<Truth> outcome(code.size());
  const auto at = [&](std::uint32_t target) {
    if (target == Instruction::kAccept) return Truth::kTrue;
    return target == Instruction::kReject ? Truth::kFalse : outcome[target];
  };
  for (std::size_t i = code.size(); i-- > 0;) {
    const Truth on_true = at(code[i].on_true);
    const Truth on_false = at(code[i].on_false);
    switch (known(code[i])) {
      case Truth::kTrue:
        outcome[i] = on_true;
        break;
      case Truth::kFalse:
        outcome[i] = on_false;
        break;
      case Truth::kUnknown:
        outcome[i] = on_true == on_false ? on_true : Truth::kUnknown;
    }
  }
  if (outcome.front() != Truth::kUnknown) return outcome.front();
  std::vector<bool> reached(code.size());
  reached[0] = true;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (!reached[i] || outcome[i] != Truth::kUnknown) continue;
    const Truth here = known(code[i]);
    const PredicateRow& row = program_.predicate(code[i].predicate);
    if (here == Truth::kUnknown && !compares_fields(row)) ++votes[row.slot];
    if (here != Truth::kFalse && code[i].on_true < code.size()) reached[code[i].on_true] = true;
    if (here != Truth::kTrue && code[i].on_false < code.size()) reached[code[i].on_false] = true;
  }
  return Truth::kUnknown;
}

PlanFinder::Truth PlanFinder::truth(const PredicateRow& row, PredicateId predicate) const {
  const auto known = [](bool truth) { return truth ? Truth::kTrue : Truth::kFalse; };
  const Test test = row.predicate.test;
  if (row.slot == event::kNoSlot) return Truth::kFalse;  // log sources name fields
  if (test == Test::kExists) return known(is_present(row.slot));
  if (!is_present(row.slot)) return known(test == Test::kNull);
  if (compares_fields(row)) return is_present(row.other) ? Truth::kUnknown : Truth::kFalse;
  for (const auto& [slot, set] : path_) {
    if (slot != row.slot) continue;
    const std::vector<std::uint32_t>& members = *sets_[set];
    return known(std::binary_search(members.begin(), members.end(),
                                    test == Test::kNull ? kNullMember : predicate));
  }
  return Truth::kUnknown;
}

// Nothing is left to ask but comparisons of one field with another.
const rules::Plan& PlanFinder::compare(const Node& node, const Event& event) {
  std::vector<std::uint32_t> accepted = node.accepted;
  for (const std::uint32_t index : node.open) {
    const std::span<const Instruction> code = program_.code(program_.entries()[index]);
    std::uint32_t at = 0;
    while (at < code.size()) {
      const PredicateRow& row = program_.predicate(code[at].predicate);
      const Truth known = truth(row, code[at].predicate);
      const bool holds = known == Truth::kUnknown ? compare_fields(row, event, text_arena_)
                                                  : known == Truth::kTrue;
      at = holds ? code[at].on_true : code[at].on_false;
    }
    if (at == Instruction::kAccept) accepted.push_back(index);
  }
  std::sort(accepted.begin(), accepted.end());
  return program_.plan(accepted);
}

// The number of the set of predicates that the field's values pass.
std::uint32_t PlanFinder::set_of(Slot slot, const Event& event) {
  const Value& value = event[slot];
  if (value.next == 0) [[likely]]
    return set_of_one(slot, value);
  std::vector<std::uint32_t> members;
  for (const Value* one = &value; one != nullptr; one = event.next(*one)) {
    const std::vector<std::uint32_t>& own = *sets_[set_of_one(slot, *one)];
    members.insert(members.end(), own.begin(), own.end());
  }
  return intern(std::move(members));
}

std::uint32_t PlanFinder::set_of_one(Slot slot, const Value& value) {
  if (value.kind == Kind::kNull) return intern({kNullMember});
  if (!has_text(value)) return intern({});
  const rules::PlanSlot& discriminator = program_.discriminators()[slot];
  return memo_
      .find(discriminator.id, value,
            [&](ValueMemo::Result& result) {
              std::vector<PredicateId> found;
              text_arena_.clear();
              discriminator.matcher->match(event::text_of(value, text_arena_), scratch_, found);
              result.tag = intern(std::move(found));
            })
      .tag;
}

std::uint32_t PlanFinder::intern(std::vector<std::uint32_t> members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  const auto [found, added] =
      set_numbers_.try_emplace(std::move(members), static_cast<std::uint32_t>(sets_.size()));
  if (added) sets_.push_back(&found->first);
  return found->second;
}

}  // namespace vedette::detect
