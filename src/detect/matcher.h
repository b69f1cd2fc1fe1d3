// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "detect/plan_finder.h"
#include "detect/value_memo.h"
#include "event/event.h"
#include "rules/program.h"

namespace vedette::detect {

// Time spent in one rule's condition.
struct RuleCost {
  std::uint64_t evaluations = 0;
  std::uint64_t nanoseconds = 0;
};

// Finds the rules that an event matches: the compiled counterpart of naive_evaluator.h. One per
// thread; several share a Program. In a steady state nothing is allocated per event.
class Matcher {
 public:
  enum class Profile : std::uint8_t { kOff, kOn };

  // `program` outlives the matcher.
  Matcher(const rules::Program& program, Profile profile);

  // Instances that match the event, ordered by rule; a rule that matches through several views is
  // there once. `everything(out)` lists all values of the event; it is called only when a keyword
  // may be there. Valid, like matched_fields(), until the next call.
  template <typename Everything>
  std::span<const std::uint32_t> match(event::Event& event, Everything&& everything) {
    begin();
    plan_ = &finder_.find(event);
    match_slots(event);
    if (plan_->keywords != nullptr && keywords_possible(event)) {
      everything_.clear();
      everything(everything_);
      match_keywords(event);
    }
    return evaluate(event);
  }

  // Whether some log source claims the event that match() saw last.
  bool source_known() const { return !plan_->entries.empty(); }

  // Why an instance matched: its true leaves outside of negations.
  void matched_fields(std::uint32_t instance, event::Event& event,
                      std::vector<event::MatchedField>& out);

  const std::vector<RuleCost>& costs() const { return costs_; }  // by rule; empty without profiling

 private:
  struct KeywordHit {
    rules::PredicateId predicate = 0;
    std::string_view value;  // in the event's arena
  };
  // A long value of the event at hand, of which single predicates were asked.
  struct Long {
    event::Slot slot = event::kNoSlot;
    std::string_view text;
    std::string_view folded;
    std::size_t asked = 0;
  };
  // Long values of a plan's slot: how often the memo knew them, and what to search them for where
  // it seldom does.
  struct LongValues {
    std::uint32_t seen = 0;
    std::uint32_t missed = 0;
    bool made = false;
    std::unique_ptr<const rules::SlotNeedles> needles;
  };

  void begin();
  void match_slots(event::Event& event);
  void match_slot(const rules::PlanSlot& slot, const event::Event& event);
  void match_value(const rules::PlanSlot& slot, const event::Value& value,
                   ValueMemo::Result& result);
  bool match_long(const rules::PlanSlot& slot, const event::Event& event);
  std::optional<bool> look_up(rules::PredicateId predicate, event::Slot slot,
                              const event::Event& event);
  bool long_truth(const rules::Predicate& predicate, Long& value, const event::Event& event);
  Long& long_value(event::Slot slot);
  std::string_view text_of_long(Long& value, const event::Event& event);
  void complete(rules::PredicateId predicate);
  bool keywords_possible(const event::Event& event) const;
  void match_keywords(event::Event& event);
  void match_keyword_text(std::string_view text);
  std::span<const std::uint32_t> evaluate(const event::Event& event);
  bool holds(const rules::Instance& instance, const event::Event& event);
  bool run(std::span<const rules::Instruction> code, const event::Event& event);
  bool is_true(const rules::Instruction& instruction, const event::Event& event);
  bool is_set(rules::PredicateId predicate) const {
    return (truth_[predicate >> 6] >> (predicate & 63) & 1) != 0;
  }
  bool regex_found(rules::PredicateId predicate, const event::Event& event);
  bool transformed_passes(rules::PredicateId predicate, const event::Event& event);
  bool lazy_truth(rules::PredicateId predicate, const event::Event& event);
  void set(rules::PredicateId predicate);
  void add_candidate(std::uint32_t instance);
  void explain(const rules::Expression& expression, bool negated, const rules::Instance& instance,
               std::size_t& leaf, event::Event& event, std::vector<event::MatchedField>& out);
  std::string_view value_for(rules::PredicateId predicate, event::Event& event) const;

  const rules::Program& program_;
  const rules::Plan* plan_ = nullptr;
  ValueMemo memo_;
  PlanFinder finder_;
  rules::FieldMatcher::Scratch scratch_;
  Arena text_arena_;
  std::vector<rules::PredicateId> found_;

  std::vector<std::uint64_t> truth_;  // a bit for each predicate; those set are listed in set_
  std::vector<rules::PredicateId> set_;
  std::vector<std::uint32_t> candidates_;
  // By instance: the event (generation_) it was added for.
  std::vector<std::uint32_t> candidate_mark_;
  // By slot: the event whose values its predicates were asked of. Truth of the others is unknown.
  std::vector<std::uint32_t> slot_mark_;
  std::uint32_t generation_ = 0;
  std::vector<std::uint32_t> matched_;
  std::vector<Long> long_values_;  // of the event at hand
  Arena long_arena_;
  std::vector<LongValues> long_slots_;  // by PlanSlot::id
  std::vector<std::uint32_t> hits_;

  std::vector<event::NamedValue> everything_;
  std::vector<KeywordHit> keyword_hits_;
  Profile profile_;
  std::vector<RuleCost> costs_;
};

}  // namespace vedette::detect
