// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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
    plan_ = &plan_of(event);
    match_slots(event);
    if (plan_->keywords && keywords_possible(event)) {
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
  // A slot of the event that is matched only when a condition asks for it.
  struct Deferred {
    event::Slot slot = event::kNoSlot;
    std::string_view folded;  // the value's text, once it was asked for
  };
  struct KeyHash {
    std::size_t operator()(const std::vector<std::uint32_t>& key) const {
      return hash_bytes(
          {reinterpret_cast<const char*>(key.data()), key.size() * sizeof(std::uint32_t)});
    }
  };

  void begin();
  const rules::Plan& plan_of(event::Event& event);
  const rules::Plan& new_plan(event::Event& event);
  std::uint32_t discriminator_set(const rules::PlanSlot& slot, const event::Value& value,
                                  event::Event& event);
  std::uint32_t intern(std::vector<std::uint32_t> predicates);
  void match_slots(event::Event& event);
  void match_slot(const rules::PlanSlot& slot, const event::Event& event);
  void match_value(const rules::PlanSlot& slot, const event::Value& value, ValueMemo::Entry& entry,
                   std::vector<std::uint32_t>& results);
  bool deferred_truth(const rules::Predicate& predicate, Deferred& deferred,
                      const event::Event& event);
  void match_deferred(event::Slot slot, const event::Event& event);
  void note(const ValueMemo::Entry& entry);
  bool keywords_possible(const event::Event& event) const;
  void match_keywords(event::Event& event);
  void match_keyword_text(std::string_view text);
  std::span<const std::uint32_t> evaluate(const event::Event& event);
  bool holds(const rules::Instance& instance, const event::Event& event);
  bool run(std::span<const rules::Instruction> code, const event::Event& event);
  bool is_true(rules::PredicateId predicate, const event::Event& event);
  bool regex_found(rules::PredicateId predicate, const event::Event& event);
  bool lazy_truth(const rules::PredicateRow& row, const event::Event& event);
  bool compare_fields(const rules::PredicateRow& row, const event::Event& event);
  void set(rules::PredicateId predicate);
  void add_candidate(std::uint32_t instance);
  void explain(const rules::Expression& expression, bool negated, const rules::Instance& instance,
               std::size_t& leaf, event::Event& event, std::vector<event::MatchedField>& out);
  std::string_view value_for(rules::PredicateId predicate, event::Event& event) const;

  const rules::Program& program_;
  const rules::Plan* plan_ = nullptr;
  ValueMemo memo_;
  rules::FieldMatcher::Scratch scratch_;
  Arena text_arena_;
  std::vector<rules::PredicateId> found_;

  std::vector<std::uint64_t> truth_;  // a bit for each predicate; those set are listed in set_
  std::vector<rules::PredicateId> set_;
  std::vector<std::uint32_t> candidates_;
  std::vector<std::uint32_t>
      candidate_mark_;  // by instance: the event (generation_) it was added for
  std::uint32_t generation_ = 0;
  std::vector<std::uint32_t> matched_;
  std::vector<Deferred> deferred_;  // of the event at hand
  Arena deferred_arena_;
  // runs.
  std::vector<std::uint32_t> key_;
  std::vector<std::uint32_t> last_key_;
  const rules::Plan* last_plan_ = nullptr;
  std::unordered_map<std::vector<std::uint32_t>, const rules::Plan*, KeyHash> plans_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> sets_;

  std::vector<event::NamedValue> everything_;
  std::vector<KeywordHit> keyword_hits_;
  Profile profile_;
  std::vector<RuleCost> costs_;
};

}  // namespace vedette::detect
