// SPDX-License-Identifier: Apache-2.0
#include "detect/matcher.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/unicode.h"
#include "detect/field_comparison.h"
#include "detect/naive_evaluator.h"
#include "detect/test_names.h"
#include "match/find_text.h"
#include "match/glob.h"
#include "rules/transform.h"

namespace vedette::detect {

using event::Event;
using event::Kind;
using event::Value;
using rules::Instance;
using rules::Instruction;
using rules::PredicateId;
using rules::PredicateRow;
using rules::Test;

namespace {

// Shorter values are matched (or remembered) faster than they are searched for needles first.
constexpr std::uint32_t kLongBytesMin = 512;
// Single predicates of a long value that are asked before all of its field are.
constexpr std::size_t kAskedMax = 40;
// Long values of a slot that are seen before it is judged whether they repeat.
constexpr std::uint32_t kLongSeenMin = 16;
constexpr std::uint32_t kGenerationMax = 0xFFFFFFFF;

bool is_text_test(const rules::Predicate& predicate) { return predicate.test <= Test::kGlob; }

}  // namespace

Matcher::Matcher(const rules::Program& program, Profile profile)
    : program_(program),
      finder_(program, memo_),
      truth_((program.predicate_count() + 63) / 64),
      candidate_mark_(program.instances().size(), 0),
      slot_mark_(program.slot_count(), 0),
      profile_(profile),
      costs_(profile == Profile::kOn ? program.rules().rules.size() : 0) {}

void Matcher::begin() {
  for (const PredicateId predicate : set_) truth_[predicate >> 6] = 0;
  set_.clear();
  candidates_.clear();
  keyword_hits_.clear();
  if (!long_values_.empty()) {
    long_values_.clear();
    long_arena_.clear();
  }
  if (++generation_ == kGenerationMax) {
    std::fill(candidate_mark_.begin(), candidate_mark_.end(), 0);
    std::fill(slot_mark_.begin(), slot_mark_.end(), 0);
    generation_ = 1;
  }
}

void Matcher::set(PredicateId predicate) {
  truth_[predicate >> 6] |= std::uint64_t{1} << (predicate & 63);
  set_.push_back(predicate);
}

void Matcher::add_candidate(std::uint32_t instance) {
  if (candidate_mark_[instance] == generation_) return;
  candidate_mark_[instance] = generation_;
  candidates_.push_back(instance);
}

// Slots without triggers can complete no instance: they wait until a condition asks.
void Matcher::match_slots(Event& event) {
  for (const rules::PlanSlot& slot : plan_->slots) {
    if (!slot.triggers) break;
    const Value& value = event[slot.slot];
    if (value.kind == Kind::kAbsent) continue;
    if (value.size >= kLongBytesMin && match_long(slot, event)) continue;
    match_slot(slot, event);
  }
}

// A long value that the memo will hardly know: only the triggers that it may pass are asked of it,
// the other predicates wait until a condition asks. An escape may hide a needle; such a value is
// searched once more without escapes. False: it must be matched as others are.
bool Matcher::match_long(const rules::PlanSlot& slot, const Event& event) {
  const Value& value = event[slot.slot];
  if (value.next != 0 || value.encoding == event::Encoding::kUtf16) return false;
  if (long_slots_.size() <= slot.id) long_slots_.resize(slot.id + std::size_t{1});
  LongValues& known = long_slots_[slot.id];
  const bool repeats = known.seen < kLongSeenMin || 2 * known.missed < known.seen;
  if (repeats && value.size <= ValueMemo::kValueBytesMax) return false;
  if (!known.made) {
    known.made = true;
    known.needles = program_.needles(*plan_, slot.slot);
  }
  if (known.needles == nullptr) return false;
  const auto look = [&](std::string_view bytes) {
    hits_.clear();
    known.needles->scanner.find_all(bytes, hits_);
    std::sort(hits_.begin(), hits_.end());
    hits_.erase(std::unique(hits_.begin(), hits_.end()), hits_.end());
  };
  look(value.bytes());
  const bool escapes = std::any_of(hits_.begin(), hits_.end(), [&](std::uint32_t hit) {
    return known.needles->triggers[hit].empty();
  });
  if (escapes) look(text_of_long(long_value(slot.slot), event));
  for (const std::uint32_t hit : hits_) {
    Long& text = long_value(slot.slot);
    for (const PredicateId predicate : known.needles->triggers[hit]) {
      if (long_truth(program_.predicate(predicate).predicate, text, event)) complete(predicate);
    }
  }
  return true;
}

// A trigger is true.
void Matcher::complete(PredicateId predicate) {
  set(predicate);
  auto trigger = std::lower_bound(plan_->triggers.begin(), plan_->triggers.end(),
                                  std::pair<PredicateId, std::uint32_t>(predicate, 0));
  for (; trigger != plan_->triggers.end() && trigger->first == predicate; ++trigger)
    add_candidate(trigger->second);
}

void Matcher::match_slot(const rules::PlanSlot& slot, const Event& event) {
  slot_mark_[slot.slot] = generation_;
  for (const Value* value = &event[slot.slot]; value != nullptr; value = event.next(*value)) {
    if (!has_text(*value)) continue;
    if (value->size >= kLongBytesMin && slot.id < long_slots_.size()) ++long_slots_[slot.id].seen;
    const ValueMemo::Answer answer = memo_.find(
        slot.id, *value, [&](ValueMemo::Result& result) { match_value(slot, *value, result); });
    for (const PredicateId predicate : answer.predicates) set(predicate);
    for (const std::uint32_t instance : answer.triggered) add_candidate(instance);
  }
}

// What a value is remembered by: the plan's predicates that it passes, and the instances that they
// trigger.
void Matcher::match_value(const rules::PlanSlot& slot, const Value& value,
                          ValueMemo::Result& result) {
  if (value.size >= kLongBytesMin && slot.id < long_slots_.size()) ++long_slots_[slot.id].missed;
  text_arena_.clear();
  slot.matcher->match(event::text_of(value, text_arena_), scratch_, result.predicates);
  const std::vector<PredicateId>& wanted = plan_->predicates;
  std::erase_if(result.predicates, [&](PredicateId predicate) {
    return !std::binary_search(wanted.begin(), wanted.end(), predicate);
  });
  if (!slot.triggers) return;
  for (const PredicateId predicate : result.predicates) {
    auto trigger = std::lower_bound(plan_->triggers.begin(), plan_->triggers.end(),
                                    std::pair<PredicateId, std::uint32_t>(predicate, 0));
    for (; trigger != plan_->triggers.end() && trigger->first == predicate; ++trigger)
      result.triggered.push_back(trigger->second);
  }
}

// A condition asks for a slot whose values were not matched: they are now, or, where the value is
// long, this one predicate is asked of it and its truth returned.
std::optional<bool> Matcher::look_up(PredicateId predicate, event::Slot slot, const Event& event) {
  const Value& value = event[slot];
  if (value.kind == Kind::kAbsent) {
    slot_mark_[slot] = generation_;
    return std::nullopt;
  }
  const rules::Predicate& asked = program_.predicate(predicate).predicate;
  if (value.size >= kLongBytesMin && value.next == 0 && is_text_test(asked)) {
    if (is_set(predicate)) return true;
    Long& text = long_value(slot);
    if (++text.asked <= kAskedMax) return long_truth(asked, text, event);
  }
  if (const rules::PlanSlot* const of_plan = plan_->find(slot)) match_slot(*of_plan, event);
  return std::nullopt;
}

Matcher::Long& Matcher::long_value(event::Slot slot) {
  for (Long& known : long_values_) {
    if (known.slot == slot) return known;
  }
  long_values_.push_back({slot, {}, {}, 0});
  return long_values_.back();
}

std::string_view Matcher::text_of_long(Long& value, const Event& event) {
  if (value.text.data() == nullptr) value.text = event::text_of(event[value.slot], long_arena_);
  return value.text;
}

// One predicate of a long value: cheaper on its own than all predicates of the slot together. The
// texts live in an arena of their own, that of the event cannot be used here.
bool Matcher::long_truth(const rules::Predicate& predicate, Long& value, const Event& event) {
  text_of_long(value, event);
  const bool fold = predicate.letter_case == rules::Case::kIgnore;
  if (fold && value.folded.data() == nullptr) {
    char* const folded = long_arena_.allocate(value.text.size() + 1);
    fold_case(value.text, folded);
    value.folded = {folded, value.text.size()};
  }
  const std::string_view text = fold ? value.folded : value.text;
  const std::string operand = fold ? fold_case(predicate.text) : predicate.text;
  switch (predicate.test) {
    case Test::kEquals:
      return text == operand;
    case Test::kStartsWith:
      return text.starts_with(operand);
    case Test::kEndsWith:
      return text.ends_with(operand);
    case Test::kGlob:
      return match::glob_matches(operand, text);
    default:
      return match::contains_text(text, operand);
  }
}

bool Matcher::keywords_possible(const Event& event) const {
  const rules::KeywordNeedles& needles = *plan_->keywords;
  switch (event.raw_text) {
    case event::RawText::kJson:
      return needles.json == nullptr || needles.json->found_in(event.raw);
    case event::RawText::kUtf16:
      return needles.utf16 == nullptr || needles.utf16->found_in(event.raw) ||
             needles.plain->found_in(event.raw_static);
    default:
      return true;
  }
}

// Somewhere in the event stands a needle, or an escape that may hide one: the values that hold none
// are passed over.
void Matcher::match_keywords(Event& event) {
  const rules::KeywordNeedles& needles = *plan_->keywords;
  const auto look = [&](std::string_view text) {
    found_.clear();
    program_.keyword_matcher()->match(text, scratch_, found_);
    for (const PredicateId predicate : found_) {
      if (!std::binary_search(plan_->predicates.begin(), plan_->predicates.end(), predicate))
        continue;
      keyword_hits_.push_back({predicate, text});
      complete(predicate);
    }
  };
  for (const event::NamedValue& named : everything_) {
    if (!has_text(named.value)) continue;
    const bool wide = named.value.encoding == event::Encoding::kUtf16;
    if (wide && needles.utf16 != nullptr && !needles.utf16->found_in(named.value.bytes())) continue;
    const std::string_view text = event::text_of(named.value, event.arena());
    if (wide || needles.plain == nullptr || needles.plain->found_in(text)) look(text);
  }
  if (event.raw_text == event::RawText::kLine) look(event.raw);
}

std::span<const std::uint32_t> Matcher::evaluate(const Event& event) {
  matched_.clear();
  const std::span<const Instance> instances = program_.instances();
  // By index: a condition that has values matched could add to them.
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (holds(instances[candidates_[i]], event)) matched_.push_back(candidates_[i]);
  }
  for (const std::uint32_t index : plan_->always) {
    if (holds(instances[index], event)) matched_.push_back(index);
  }
  if (matched_.size() > 1) {
    const auto rule_of = [&](std::uint32_t index) { return instances[index].rule; };
    std::sort(matched_.begin(), matched_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(rule_of(a), a) < std::pair(rule_of(b), b);
    });
    matched_.erase(
        std::unique(matched_.begin(), matched_.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return rule_of(a) == rule_of(b); }),
        matched_.end());
  }
  return matched_;
}

bool Matcher::holds(const Instance& instance, const Event& event) {
  if (profile_ == Profile::kOff) [[likely]]
    return run(program_.code(instance), event);
  const auto start = std::chrono::steady_clock::now();
  const bool result = run(program_.code(instance), event);
  const auto spent = std::chrono::steady_clock::now() - start;
  RuleCost& cost = costs_[instance.rule];
  ++cost.evaluations;
  cost.nanoseconds += static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
  return result;
}

bool Matcher::run(std::span<const Instruction> code, const Event& event) {
  if (code.empty()) return true;
  for (std::uint32_t at = 0;;) {
    const Instruction& instruction = code[at];
    at = is_true(instruction, event) ? instruction.on_true : instruction.on_false;
    if (at >= Instruction::kReject) return at == Instruction::kAccept;
  }
}

bool Matcher::is_true(const Instruction& instruction, const Event& event) {
  if (instruction.slot == Instruction::kLazy) return lazy_truth(instruction.predicate, event);
  // Keywords have no slot; they are all known before a condition is.
  if (instruction.slot != event::kNoSlot && slot_mark_[instruction.slot] != generation_) {
    if (const auto truth = look_up(instruction.predicate, instruction.slot, event)) return *truth;
  }
  return is_set(instruction.predicate);
}

// What an expression finds in a value is remembered as well: a condition may ask the same of event
// after event.
bool Matcher::regex_found(PredicateId predicate, const Event& event) {
  constexpr std::uint32_t kOwnerBit = 0x80000000;  // PlanSlot::id stays below
  const match::Regex& regex = program_.regex(predicate);
  for (const Value* one = &event[program_.predicate(predicate).slot]; one != nullptr;
       one = event.next(*one)) {
    if (!has_text(*one)) continue;
    const auto search = [&](ValueMemo::Result& result) {
      text_arena_.clear();
      result.tag = regex.found_in(event::text_of(*one, text_arena_)) ? 1 : 0;
    };
    if (memo_.find(kOwnerBit | predicate, *one, search).tag != 0) return true;
  }
  return false;
}

// Asked seldom enough that nothing is remembered.
bool Matcher::transformed_passes(PredicateId predicate, const Event& event) {
  const PredicateRow& row = program_.predicate(predicate);
  for (const Value* one = &event[row.slot]; one != nullptr; one = event.next(*one)) {
    if (!has_text(*one)) continue;
    text_arena_.clear();
    const std::string_view text = event::text_of(*one, text_arena_);
    if (row.predicate.test != Test::kRegex) {
      if (text_passes(row.predicate, text)) return true;
      continue;
    }
    const auto other = rules::transformed(row.predicate.transforms, text);
    if (other && program_.regex(predicate).found_in(*other)) return true;
  }
  return false;
}

bool Matcher::lazy_truth(PredicateId predicate, const Event& event) {
  const PredicateRow& row = program_.predicate(predicate);
  const Value& value = event[row.slot];
  if (!row.predicate.transforms.empty()) return transformed_passes(predicate, event);
  if (row.predicate.test == Test::kRegex) return regex_found(predicate, event);
  if (row.predicate.test == Test::kExists) return value.kind != Kind::kAbsent;
  if (row.predicate.test != Test::kNull) return compare_fields(row, event, text_arena_);
  if (value.kind == Kind::kAbsent) return true;
  for (const Value* one = &value; one != nullptr; one = event.next(*one)) {
    if (one->kind == Kind::kNull) return true;
  }
  return false;
}

void Matcher::matched_fields(std::uint32_t instance, Event& event,
                             std::vector<event::MatchedField>& out) {
  std::size_t leaf = 0;
  const Instance& which = program_.instances()[instance];
  explain(program_.condition(which.rule), false, which, leaf, event, out);
}

void Matcher::explain(const rules::Expression& expression, bool negated, const Instance& instance,
                      std::size_t& leaf, Event& event, std::vector<event::MatchedField>& out) {
  if (expression.kind == rules::Expression::Kind::kLeaf) {
    const Instruction& instruction = program_.code(instance)[leaf++];
    const PredicateId predicate = instruction.predicate;
    const PredicateRow& row = program_.predicate(predicate);
    // Presence tests and comparisons of fields have no value to show beyond the rule's own text.
    const bool has_value =
        !row.lazy || row.predicate.test == Test::kRegex || !row.predicate.transforms.empty();
    if (negated || !has_value || !is_true(instruction, event)) return;
    out.push_back({expression.selection, expression.field, value_for(predicate, event),
                   describe(expression.predicate, event.arena())});
    return;
  }
  const bool inverts = expression.kind == rules::Expression::Kind::kNot;
  for (const rules::Expression& child : expression.children) {
    explain(child, negated != inverts, instance, leaf, event, out);
  }
}

std::string_view Matcher::value_for(PredicateId predicate, Event& event) const {
  const PredicateRow& row = program_.predicate(predicate);
  if (row.slot == event::kNoSlot) {
    for (const KeywordHit& hit : keyword_hits_) {
      if (hit.predicate == predicate) return hit.value;
    }
    return {};
  }
  // Of several values (an array's) the first that passes. Slow, but only alerts get here.
  const Value* value = &event[row.slot];
  const bool alone = value->next == 0;
  for (; value != nullptr; value = event.next(*value)) {
    if (!has_text(*value)) continue;
    const std::string_view text = event::text_of(*value, event.arena());
    if (alone || text_passes(row.predicate, text)) return text;
  }
  return {};
}

}  // namespace vedette::detect
