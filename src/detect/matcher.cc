// SPDX-License-Identifier: Apache-2.0
#include "detect/matcher.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/unicode.h"
#include "detect/test_names.h"
#include "match/glob.h"

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

// What a discriminating field that holds no text adds to the key; sets of predicates are numbered
// from there on.
constexpr std::uint32_t kSetAbsent = 0;
constexpr std::uint32_t kSetNull = 1;
constexpr std::uint32_t kSetStructure = 2;
constexpr std::uint32_t kSetsFirst = 3;

// Keys beyond this are forgotten: a discriminating field with ever new values must not fill the
// memory.
constexpr std::size_t kPlanKeysMax = 4096;
// Shorter values are matched (or remembered) faster than they are searched for needles first.
constexpr std::uint32_t kDeferredBytesMin = 512;
constexpr std::size_t kCandidateGenerations = 0xFFFFFFFF;

bool has_text(const Value& value) {
  return value.kind == Kind::kString || value.kind == Kind::kNumber || value.kind == Kind::kBoolean;
}

bool is_plain_text_test(const rules::Predicate& predicate) {
  return predicate.test <= Test::kGlob && predicate.letter_case == rules::Case::kIgnore;
}

bool compare(Test test, std::string_view text, std::string_view other) {
  switch (test) {
    case Test::kFieldEquals:
      return text == other;
    case Test::kFieldContains:
      return text.find(other) != std::string_view::npos;
    case Test::kFieldStartsWith:
      return text.starts_with(other);
    case Test::kFieldEndsWith:
      return text.ends_with(other);
    default:
      return false;
  }
}

}  // namespace

Matcher::Matcher(const rules::Program& program, Profile profile)
    : program_(program),
      truth_((program.predicate_count() + 63) / 64),
      candidate_mark_(program.instances().size(), 0),
      key_(program.discriminators().size()),
      last_key_(program.discriminators().size()),
      profile_(profile),
      costs_(profile == Profile::kOn ? program.rules().rules.size() : 0) {}

void Matcher::begin() {
  for (const PredicateId predicate : set_) truth_[predicate >> 6] = 0;
  set_.clear();
  candidates_.clear();
  keyword_hits_.clear();
  if (!deferred_.empty()) deferred_arena_.clear();
  deferred_.clear();
  if (++generation_ == kCandidateGenerations) {
    std::fill(candidate_mark_.begin(), candidate_mark_.end(), 0);
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

const rules::Plan& Matcher::plan_of(Event& event) {
  const std::span<const rules::PlanSlot> discriminators = program_.discriminators();
  for (std::size_t i = 0; i < discriminators.size(); ++i) {
    const Value& value = event[discriminators[i].slot];
    key_[i] = value.kind == Kind::kAbsent ? kSetAbsent
                                          : discriminator_set(discriminators[i], value, event);
  }
  if (last_plan_ != nullptr && key_ == last_key_) return *last_plan_;
  last_key_ = key_;
  if (const auto found = plans_.find(key_); found != plans_.end()) {
    last_plan_ = found->second;
  } else {
    if (plans_.size() >= kPlanKeysMax) plans_.clear();
    last_plan_ = &new_plan(event);
    plans_.emplace(key_, last_plan_);
  }
  return *last_plan_;
}

// The number of the set of predicates that the field's values pass.
std::uint32_t Matcher::discriminator_set(const rules::PlanSlot& slot, const Value& value,
                                         Event& event) {
  const auto set_of_one = [&](const Value& one) -> std::uint32_t {
    if (one.kind == Kind::kNull) return kSetNull;
    if (one.kind == Kind::kStructure) return kSetStructure;
    return memo_
        .find(slot.id, one,
              [&](ValueMemo::Entry& entry, std::vector<std::uint32_t>& results) {
                found_.clear();
                text_arena_.clear();
                slot.matcher->match(event::text_of(one, text_arena_), scratch_, found_);
                entry.predicates = static_cast<std::uint32_t>(found_.size());
                results.insert(results.end(), found_.begin(), found_.end());
                entry.tag = intern(found_);
              })
        .tag;
  };
  if (value.next == 0) [[likely]]
    return set_of_one(value);
  std::vector<std::uint32_t> sets;
  for (const Value* one = &value; one != nullptr; one = event.next(*one))
    sets.push_back(set_of_one(*one));
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  if (sets.size() == 1) return sets.front();
  // Told apart from sets of predicates by a first member that no predicate list has.
  sets.insert(sets.begin(), 0xFFFFFFFF);
  return intern(std::move(sets));
}

std::uint32_t Matcher::intern(std::vector<std::uint32_t> predicates) {
  if (predicates.empty() || predicates.front() != 0xFFFFFFFF)
    std::sort(predicates.begin(), predicates.end());
  const auto number = static_cast<std::uint32_t>(sets_.size()) + kSetsFirst;
  return sets_.try_emplace(std::move(predicates), number).first->second;
}

// The slow way from an event to its plan: asks every entry.
const rules::Plan& Matcher::new_plan(Event& event) {
  for (const rules::PlanSlot& slot : program_.discriminators()) {
    for (const Value* value = &event[slot.slot]; value != nullptr; value = event.next(*value)) {
      if (!has_text(*value)) continue;
      found_.clear();
      text_arena_.clear();
      slot.matcher->match(event::text_of(*value, text_arena_), scratch_, found_);
      for (const PredicateId predicate : found_) set(predicate);
    }
  }
  std::vector<std::uint32_t> entries;
  for (std::uint32_t i = 0; i < program_.entries().size(); ++i) {
    const rules::EntryCode& entry = program_.entries()[i];
    if (entry.constant ? *entry.constant : run(program_.code(entry), event)) entries.push_back(i);
  }
  for (const PredicateId predicate : set_) truth_[predicate >> 6] = 0;
  set_.clear();
  return program_.plan(entries);
}

void Matcher::match_slots(Event& event) {
  for (std::size_t i = 0; i < plan_->slots.size(); ++i) {
    const rules::PlanSlot& slot = plan_->slots[i];
    const Value& value = event[slot.slot];
    if (value.kind == Kind::kAbsent) continue;
    if (value.size >= kDeferredBytesMin && slot.needles != nullptr && value.next == 0 &&
        value.encoding != event::Encoding::kUtf16 && !slot.needles->found_in(value.bytes())) {
      deferred_.push_back({slot.slot, {}});
      continue;
    }
    match_slot(slot, event);
  }
}

// One predicate of a slot that was put off: cheaper on its own than all predicates of the slot
// together.
bool Matcher::deferred_truth(const rules::Predicate& predicate, Deferred& deferred,
                             const Event& event) {
  if (deferred.folded.data() == nullptr) {
    // The arena of the event cannot be used here, so the text lives in one that dies with the next
    // event.
    const std::string_view text = event::text_of(event[deferred.slot], deferred_arena_);
    char* const folded = deferred_arena_.allocate(text.size() + 1);
    fold_case(text, folded);
    deferred.folded = {folded, text.size()};
  }
  const std::string operand = fold_case(predicate.text);
  switch (predicate.test) {
    case Test::kEquals:
      return deferred.folded == operand;
    case Test::kStartsWith:
      return deferred.folded.starts_with(operand);
    case Test::kEndsWith:
      return deferred.folded.ends_with(operand);
    case Test::kGlob:
      return match::glob_matches(operand, deferred.folded);
    default:
      return ::memmem(deferred.folded.data(), deferred.folded.size(), operand.data(),
                      operand.size()) != nullptr;
  }
}

// A condition asks for a slot that was put off: only now its value is matched. Its triggers are
// known to be false.
void Matcher::match_deferred(event::Slot slot, const Event& event) {
  const auto found =
      std::find_if(deferred_.begin(), deferred_.end(),
                   [slot](const Deferred& deferred) { return deferred.slot == slot; });
  if (found == deferred_.end()) return;
  deferred_.erase(found);
  const auto place =
      std::lower_bound(plan_->slots.begin(), plan_->slots.end(), slot,
                       [](const rules::PlanSlot& a, event::Slot b) { return a.slot < b; });
  match_slot(*place, event);
}

void Matcher::match_slot(const rules::PlanSlot& slot, const Event& event) {
  for (const Value* value = &event[slot.slot]; value != nullptr; value = event.next(*value)) {
    if (!has_text(*value)) continue;
    const ValueMemo::Entry& entry = memo_.find(
        slot.id, *value, [&](ValueMemo::Entry& fresh, std::vector<std::uint32_t>& results) {
          match_value(slot, *value, fresh, results);
        });
    if (entry.predicates != 0) note(entry);
  }
}

// What a value is remembered by: the plan's predicates that it passes, and the instances that they
// trigger.
void Matcher::match_value(const rules::PlanSlot& slot, const Value& value, ValueMemo::Entry& entry,
                          std::vector<std::uint32_t>& results) {
  found_.clear();
  text_arena_.clear();
  slot.matcher->match(event::text_of(value, text_arena_), scratch_, found_);
  const std::vector<PredicateId>& wanted = plan_->predicates;
  std::erase_if(found_, [&](PredicateId predicate) {
    return !std::binary_search(wanted.begin(), wanted.end(), predicate);
  });
  results.insert(results.end(), found_.begin(), found_.end());
  entry.predicates = static_cast<std::uint32_t>(found_.size());
  for (const PredicateId predicate : found_) {
    auto trigger = std::lower_bound(plan_->triggers.begin(), plan_->triggers.end(),
                                    std::pair<PredicateId, std::uint32_t>(predicate, 0));
    for (; trigger != plan_->triggers.end() && trigger->first == predicate; ++trigger) {
      results.push_back(trigger->second);
      ++entry.triggered;
    }
  }
}

void Matcher::note(const ValueMemo::Entry& entry) {
  for (const PredicateId predicate : memo_.predicates(entry)) set(predicate);
  for (const std::uint32_t instance : memo_.triggered(entry)) add_candidate(instance);
}

bool Matcher::keywords_possible(const Event& event) const {
  switch (event.raw_text) {
    case event::RawText::kJson:
      return plan_->needles_json == nullptr || plan_->needles_json->found_in(event.raw);
    case event::RawText::kUtf16:
      return plan_->needles_utf16 == nullptr || plan_->needles_utf16->found_in(event.raw) ||
             plan_->needles_plain->found_in(event.raw_static);
    default:
      return true;
  }
}

void Matcher::match_keywords(Event& event) {
  const auto look = [&](std::string_view text) {
    found_.clear();
    program_.keyword_matcher()->match(text, scratch_, found_);
    for (const PredicateId predicate : found_) {
      if (!std::binary_search(plan_->predicates.begin(), plan_->predicates.end(), predicate))
        continue;
      set(predicate);
      keyword_hits_.push_back({predicate, text});
      auto trigger = std::lower_bound(plan_->triggers.begin(), plan_->triggers.end(),
                                      std::pair<PredicateId, std::uint32_t>(predicate, 0));
      for (; trigger != plan_->triggers.end() && trigger->first == predicate; ++trigger) {
        add_candidate(trigger->second);
      }
    }
  };
  for (const event::NamedValue& named : everything_) {
    if (has_text(named.value)) look(event::text_of(named.value, event.arena()));
  }
  if (event.raw_text == event::RawText::kLine) look(event.raw);
}

std::span<const std::uint32_t> Matcher::evaluate(const Event& event) {
  matched_.clear();
  const std::span<const Instance> instances = program_.instances();
  const auto try_all = [&](const std::vector<std::uint32_t>& list) {
    for (const std::uint32_t index : list) {
      if (holds(instances[index], event)) matched_.push_back(index);
    }
  };
  try_all(candidates_);
  try_all(plan_->always);
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
    at = is_true(instruction.predicate, event) ? instruction.on_true : instruction.on_false;
    if (at >= Instruction::kReject) return at == Instruction::kAccept;
  }
}

bool Matcher::is_true(PredicateId predicate, const Event& event) {
  const PredicateRow& row = program_.predicate(predicate);
  if (row.lazy) {
    if (row.predicate.test != Test::kRegex) return lazy_truth(row, event);
    const bool found = regex_found(predicate, event);
    if (found) set(predicate);
    return found;
  }
  if (!deferred_.empty()) [[unlikely]]
    if (!deferred_.empty()) [[unlikely]] {
      for (Deferred& deferred : deferred_) {
        if (deferred.slot == row.slot && is_plain_text_test(row.predicate)) {
          return deferred_truth(row.predicate, deferred, event);
        }
      }
      match_deferred(row.slot, event);
    }
  return (truth_[predicate >> 6] >> (predicate & 63) & 1) != 0;
}

// What an expression finds in a value is remembered as well: a condition may ask the same of event
// after event.
bool Matcher::regex_found(PredicateId predicate, const Event& event) {
  constexpr std::uint32_t kOwnerBit = 0x80000000;  // PlanSlot::id stays below
  const match::Regex& regex = program_.regex(predicate);
  for (const Value* one = &event[program_.predicate(predicate).slot]; one != nullptr;
       one = event.next(*one)) {
    if (!has_text(*one)) continue;
    const auto search = [&](ValueMemo::Entry& entry, std::vector<std::uint32_t>&) {
      text_arena_.clear();
      entry.tag = regex.found_in(event::text_of(*one, text_arena_)) ? 1 : 0;
    };
    if (memo_.find(kOwnerBit | predicate, *one, search).tag != 0) return true;
  }
  return false;
}

bool Matcher::lazy_truth(const PredicateRow& row, const Event& event) {
  const Value& value = event[row.slot];
  if (row.predicate.test == Test::kExists) return value.kind != Kind::kAbsent;
  if (row.predicate.test != Test::kNull) return compare_fields(row, event);
  if (value.kind == Kind::kAbsent) return true;
  for (const Value* one = &value; one != nullptr; one = event.next(*one)) {
    if (one->kind == Kind::kNull) return true;
  }
  return false;
}

bool Matcher::compare_fields(const PredicateRow& row, const Event& event) {
  const auto text = [&](const Value& value) {
    text_arena_.clear();
    const std::string_view plain = event::text_of(value, text_arena_);
    return row.predicate.letter_case == rules::Case::kIgnore ? fold_case(plain)
                                                             : std::string(plain);
  };
  for (const Value* one = &event[row.slot]; one != nullptr; one = event.next(*one)) {
    if (!has_text(*one)) continue;
    const std::string left = text(*one);
    for (const Value* other = &event[row.other]; other != nullptr; other = event.next(*other)) {
      if (has_text(*other) && compare(row.predicate.test, left, text(*other))) return true;
    }
  }
  return false;
}

void Matcher::matched_fields(std::uint32_t instance, Event& event,
                             std::vector<event::MatchedField>& out) {
  while (!deferred_.empty()) match_deferred(deferred_.back().slot, event);
  std::size_t leaf = 0;
  const Instance& which = program_.instances()[instance];
  explain(program_.condition(which.rule), false, which, leaf, event, out);
}

void Matcher::explain(const rules::Expression& expression, bool negated, const Instance& instance,
                      std::size_t& leaf, Event& event, std::vector<event::MatchedField>& out) {
  if (expression.kind == rules::Expression::Kind::kLeaf) {
    const PredicateId predicate = program_.code(instance)[leaf++].predicate;
    const PredicateRow& row = program_.predicate(predicate);
    // Presence tests and comparisons of fields have no value to show beyond the rule's own text.
    if (negated || (row.lazy && row.predicate.test != Test::kRegex) || !is_true(predicate, event))
      return;
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
  for (const Value* value = &event[row.slot]; value != nullptr; value = event.next(*value)) {
    if (has_text(*value)) return event::text_of(*value, event.arena());
  }
  return {};
}

}  // namespace vedette::detect
