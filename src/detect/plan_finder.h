// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "detect/value_memo.h"
#include "event/event.h"
#include "rules/program.h"

namespace vedette::detect {

// Finds the plan of an event: which log source entries claim it. A decision tree that grows with
// the events seen: its roots are told apart by which of the deciding fields are present, each node
// asks one field whose value matters, and a leaf is reached as soon as no entry is left undecided.
// So an event costs a look-up for each of the two to four fields that decide about it, however many
// entries and fields there are. Bounded: beyond kNodesMax nodes the tree starts anew. One per
// thread.
class PlanFinder {
 public:
  // Both outlive it; `memo` remembers the values of deciding fields, under the discriminators' ids.
  PlanFinder(const rules::Program& program, ValueMemo& memo)
      : program_(program),
        memo_(memo),
        mask_((program.discriminators().size() + 63) / 64),
        last_mask_(mask_.size()),
        edges_(kEdges) {}

  const rules::Plan& find(const event::Event& event);

 private:
  static constexpr std::size_t kNodesMax = 4096;
  static constexpr std::size_t kEdges = 4 * kNodesMax;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };
  struct Node {
    const rules::Plan* plan = nullptr;    // of a leaf
    event::Slot slot = event::kNoSlot;    // that is asked next
    bool compares = false;                // entries compare fields: decided anew for each event
    std::vector<std::uint32_t> open;      // entries that are undecided
    std::vector<std::uint32_t> accepted;  // entries that claim the event
  };
  struct Edge {
    std::uint32_t node = kNone;
    std::uint32_t set = 0;
    std::uint32_t child = 0;
  };
  struct MaskHash {
    std::size_t operator()(const std::vector<std::uint64_t>& mask) const {
      return hash_bytes(
          {reinterpret_cast<const char*>(mask.data()), mask.size() * sizeof(std::uint64_t)});
    }
  };

  std::uint32_t root();
  std::uint32_t child(std::uint32_t node, std::uint32_t set);
  std::uint32_t add_node(std::span<const std::uint32_t> open, std::vector<std::uint32_t> accepted);
  Truth decide(const rules::EntryCode& entry, std::map<event::Slot, std::size_t>& votes);
  Truth truth(const rules::PredicateRow& row, rules::PredicateId predicate) const;
  const rules::Plan& compare(const Node& node, const event::Event& event);
  bool is_present(event::Slot slot) const { return (mask_[slot >> 6] >> (slot & 63) & 1) != 0; }

  std::uint32_t set_of(event::Slot slot, const event::Event& event);
  std::uint32_t set_of_one(event::Slot slot, const event::Value& value);
  std::uint32_t intern(std::vector<std::uint32_t> members);

  const rules::Program& program_;
  ValueMemo& memo_;
  rules::FieldMatcher::Scratch scratch_;
  Arena text_arena_;
  std::vector<std::uint64_t> mask_;  // of the event at hand: the deciding fields it has
  std::vector<std::uint64_t> last_mask_;
  std::uint32_t last_root_ = kNone;
  // What the way down to the node at hand has asked, and the set that was found.
  std::vector<std::pair<event::Slot, std::uint32_t>> path_;

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;  // open addressing
  std::unordered_map<std::vector<std::uint64_t>, std::uint32_t, MaskHash> roots_;
  // Sets of predicates that values pass, numbered; a null among the values is a member too.
  std::map<std::vector<std::uint32_t>, std::uint32_t> set_numbers_;
  std::vector<const std::vector<std::uint32_t>*> sets_;
};

}  // namespace vedette::detect
