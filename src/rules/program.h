// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event/alert.h"
#include "event/field_tree.h"
#include "match/needle_scanner.h"
#include "rules/field_matcher.h"
#include "rules/logsource.h"
#include "rules/model.h"

// A rule set compiled for matching. Terms:
//   instance   a rule seen through one naming of its fields (log sources rename fields): what is
//   evaluated entry      a log source entry; an event belongs to those whose `when` holds plan what
//   to do with the events that belong to one set of entries: which slots to look at, which
//              instances a true predicate may complete
//   trigger    an instance can only match if at least one of its triggers is true
namespace vedette::rules {

struct PredicateRow {
  event::Slot slot = event::kNoSlot;   // kNoSlot: any field (keywords)
  event::Slot other = event::kNoSlot;  // kField… tests: the field compared with
  // Tested only when a condition asks: presence, other fields, transformed texts, and expressions
  // that no rule is found by.
  bool lazy = false;
  Predicate predicate;
};

// One step of a condition: go to on_true or on_false by the predicate's truth. Short-circuit code:
// a condition with n leaves has n steps, in the order of the leaves; jumps go forwards.
struct Instruction {
  static constexpr std::uint32_t kAccept = 0xFFFFFFFF;
  static constexpr std::uint32_t kReject = 0xFFFFFFFE;
  // In place of a slot: PredicateRow::lazy.
  static constexpr event::Slot kLazy = 0xFFFFFFFE;
  PredicateId predicate = 0;
  std::uint32_t on_true = kReject;  // index into the instance's own instructions
  std::uint32_t on_false = kReject;
  event::Slot slot = event::kNoSlot;  // of the predicate
};

struct Instance {
  std::uint32_t rule = 0;
  std::uint32_t first_instruction = 0;
  std::uint32_t instruction_count = 0;  // 0: the condition is constant true
  std::vector<PredicateId> triggers;    // empty: must be evaluated for every event of its plans
  std::vector<event::Slot> extra;       // CompileOptions::extra_fields of the rule
  std::vector<event::Slot> output;      // of RuleInfo::output_fields, with CompileOptions
  // Field names of the rule -> of the event in this view; null where nothing is renamed.
  const std::map<std::string, std::string, std::less<>>* fields = nullptr;
};

// A field that an event of a plan is matched on.
struct PlanSlot {
  event::Slot slot = event::kNoSlot;
  const FieldMatcher* matcher = nullptr;
  // Unique over all plans of a program: part of the key of remembered results.
  std::uint32_t id = 0;
  // Some trigger asks this slot. A slot that none asks is matched only if a condition comes to ask.
  bool triggers = false;
};

// Needles one of which must stand in an event's bytes for a keyword to be found there, by the
// bytes' encoding. Null: no bytes can rule keywords out.
struct KeywordNeedles {
  std::unique_ptr<const match::NeedleScanner> json;
  std::unique_ptr<const match::NeedleScanner> utf16;
  std::unique_ptr<const match::NeedleScanner> plain;
};

// Finds the triggers on one slot that a long value may pass: those one of whose needles stands in
// its bytes, plain or JSON.
struct SlotNeedles {
  explicit SlotNeedles(const std::vector<std::string>& needles) : scanner(needles) {}
  match::NeedleScanner scanner;
  // By needle: the triggers that need it. None for the escape "\\u00", behind which any may hide.
  std::vector<std::vector<PredicateId>> triggers;
};

struct Plan {
  std::vector<std::uint32_t> entries;
  std::vector<std::uint32_t> always;  // instances without triggers
  std::vector<PlanSlot> slots;        // by slot; those with triggers in front
  std::size_t trigger_slots = 0;      // number of these
  std::vector<std::pair<PredicateId, std::uint32_t>> triggers;  // (predicate, instance), sorted
  std::vector<PredicateId> predicates;  // that an instance of the plan asks; sorted
  // Keyword rules; null when the plan has none, so that all its events' bytes need a look.
  const KeywordNeedles* keywords = nullptr;

  // Null when no instance of the plan asks for the slot.
  const PlanSlot* find(event::Slot slot) const {
    const auto rest = slots.begin() + static_cast<std::ptrdiff_t>(trigger_slots);
    for (const auto& [begin, end] :
         {std::pair(slots.begin(), rest), std::pair(rest, slots.end())}) {
      const auto found = std::ranges::lower_bound(begin, end, slot, {}, &PlanSlot::slot);
      if (found != end && found->slot == slot) return &*found;
    }
    return nullptr;
  }
};

// A log source entry's condition, and the instances that see its events.
struct EntryCode {
  std::uint32_t first_instruction = 0;
  std::uint32_t instruction_count = 0;
  std::optional<bool> constant;  // the condition is always true or never
  std::vector<std::uint32_t> instances;
};

struct CompileOptions {
  bool use_log_sources = true;
  // Fields beyond those of conditions that matches must bring, by rule (correlations group by
  // them).
  std::vector<std::vector<std::string>> extra_fields;
  bool output_fields = false;  // matches must bring RuleInfo::output_fields too
};

// Compiled rules. Immutable but for the plans, which are made when first asked for, under a lock,
// and then stay; shared by threads.
class Program {
 public:
  // `rules` and `log_sources` outlive the program.
  static std::unique_ptr<const Program> compile(const RuleSet& rules, const LogSources& log_sources,
                                                const CompileOptions& options);

  const RuleSet& rules() const { return rules_; }
  const event::FieldTree& tree() const { return tree_; }
  std::size_t slot_count() const { return slot_names_.size(); }
  std::size_t predicate_count() const { return predicates_.size(); }
  const PredicateRow& predicate(PredicateId id) const { return predicates_[id]; }
  std::span<const Instance> instances() const { return instances_; }
  std::span<const Instruction> code(const Instance& instance) const {
    return {instructions_.data() + instance.first_instruction, instance.instruction_count};
  }
  // The rule's condition as compiled (constants folded): its leaves are the instructions, in order.
  const Expression& condition(std::uint32_t rule) const { return *conditions_[rule]; }
  // Matcher of keyword predicates; null when there are none.
  const FieldMatcher* keyword_matcher() const { return keyword_matcher_.get(); }
  // Of a lazy kRegex predicate.
  const match::Regex& regex(PredicateId id) const { return regexes_.at(id); }

  // The fields that decide which entries an event belongs to, and their matchers. Their slots are
  // the first ones, without gaps: discriminators()[i].slot == i.
  std::span<const PlanSlot> discriminators() const { return discriminators_; }
  std::span<const EntryCode> entries() const { return entries_; }
  std::span<const Instruction> code(const EntryCode& entry) const {
    return {instructions_.data() + entry.first_instruction, entry.instruction_count};
  }

  // The plan for events that belong to exactly these entries (ascending).
  const Plan& plan(const std::vector<std::uint32_t>& entries) const;

  // For long values of a slot that has triggers in the plan; null: a trigger has no bytes to look
  // for. Made anew with each call.
  std::unique_ptr<const SlotNeedles> needles(const Plan& plan, event::Slot slot) const;

  std::span<const event::Slot> role_slots(event::Role role) const {
    return roles_[static_cast<std::size_t>(role)];
  }
  std::span<const event::Slot> time_slots() const { return times_; }
  // Slots of CompileOptions::extra_fields of the instance's rule, as its view names them.
  std::span<const event::Slot> extra_slots(const Instance& instance) const {
    return instance.extra;
  }

 private:
  friend class ProgramBuilder;

  Program(const RuleSet& rules, const LogSources& log_sources)
      : rules_(rules), log_sources_(log_sources) {}
  std::unique_ptr<const Plan> make_plan(const std::vector<std::uint32_t>& entries) const;
  const KeywordNeedles& keyword_needles_of(const std::vector<PredicateId>& keywords) const;

  const RuleSet& rules_;
  const LogSources& log_sources_;
  event::FieldTree tree_;
  std::vector<std::string> slot_names_;
  std::vector<PredicateRow> predicates_;
  std::vector<Instruction> instructions_;
  std::vector<Instance> instances_;
  std::vector<const Expression*> conditions_;  // by rule: the rule's own, or one of folded_
  std::deque<Expression> folded_;
  std::vector<std::unique_ptr<const FieldMatcher>>
      matchers_;  // by slot; null where no text is asked
  std::unique_ptr<const FieldMatcher> keyword_matcher_;
  std::unordered_map<PredicateId, match::Regex> regexes_;
  std::vector<EntryCode> entries_;
  std::vector<PlanSlot> discriminators_;
  std::vector<std::unique_ptr<const FieldMatcher>> discriminator_matchers_;
  std::array<std::vector<event::Slot>, event::kRoleCount> roles_;
  std::vector<event::Slot> times_;

  mutable std::mutex plans_mutex_;
  mutable std::map<std::vector<std::uint32_t>, std::unique_ptr<const Plan>>
      plans_;                                 // guarded by plans_mutex_
  mutable std::uint32_t next_plan_slot_ = 1;  // guarded by plans_mutex_
  mutable std::map<std::vector<PredicateId>, std::unique_ptr<const KeywordNeedles>>
      keyword_needles_;  // guarded by plans_mutex_
};

}  // namespace vedette::rules
