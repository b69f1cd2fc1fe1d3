// SPDX-License-Identifier: Apache-2.0
#include "rules/program.h"

#include <algorithm>

#include "base/unicode.h"
#include "match/glob.h"
#include "rules/program_builder.h"

namespace vedette::rules {
namespace {

// The longest run of a literal that stands unchanged in every JSON text holding it, "\u00XX"
// escapes aside: printable ASCII but for the quote, the backslash and the slash, which may be
// escaped.
std::string_view plain_piece(std::string_view literal) {
  std::string_view best;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= literal.size(); ++i) {
    if (i < literal.size() && literal[i] >= 0x20 && literal[i] < 0x7F && literal[i] != '"' &&
        literal[i] != '\\' && literal[i] != '/') {
      continue;
    }
    if (i - start > best.size()) best = literal.substr(start, i - start);
    start = i + 1;
  }
  return best;
}

// Bytes that an event's text must hold for a keyword to be found there; empty when there are none
// to name.
std::string_view needle_of(const Predicate& predicate) {
  switch (predicate.test) {
    case Test::kEquals:
    case Test::kContains:
    case Test::kStartsWith:
    case Test::kEndsWith:
      return plain_piece(predicate.text);
    case Test::kGlob:
      return plain_piece(match::longest_literal(predicate.text));
    default:
      return {};
  }
}

// Numbers, times and identifiers are not stored as text in a Windows event log.
bool may_be_made(std::string_view needle) {
  return needle.find_first_not_of("0123456789abcdefABCDEFxXTZS-:.{} ") == std::string_view::npos;
}

std::unique_ptr<const KeywordNeedles> keyword_needles(const std::vector<std::string_view>& found) {
  auto needles = std::make_unique<KeywordNeedles>();
  std::vector<std::string> json{"\\u00"};
  std::vector<std::string> utf16;
  std::vector<std::string> plain;
  bool complete_utf16 = true;
  for (const std::string_view needle : found) {
    if (needle.size() < match::NeedleScanner::kNeedleBytesMin) return needles;
    complete_utf16 = complete_utf16 && !may_be_made(needle);
    json.emplace_back(needle);
    plain.emplace_back(needle);
    append_utf16le(needle, utf16.emplace_back());
  }
  needles->json = std::make_unique<const match::NeedleScanner>(std::move(json));
  needles->plain = std::make_unique<const match::NeedleScanner>(std::move(plain));
  if (complete_utf16)
    needles->utf16 = std::make_unique<const match::NeedleScanner>(std::move(utf16));
  return needles;
}

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

std::unique_ptr<const Program> Program::compile(const RuleSet& rules, const LogSources& log_sources,
                                                const CompileOptions& options) {
  std::unique_ptr<Program> program(new Program(rules, log_sources));
  ProgramBuilder(*program, rules, log_sources, options).build();
  return program;
}

const Plan& Program::plan(const std::vector<std::uint32_t>& entries) const {
  const std::lock_guard lock(plans_mutex_);
  std::unique_ptr<const Plan>& plan = plans_[entries];
  if (plan == nullptr) plan = make_plan(entries);
  return *plan;
}

std::unique_ptr<const Plan> Program::make_plan(const std::vector<std::uint32_t>& entries) const {
  auto plan = std::make_unique<Plan>();
  plan->entries = entries;
  std::vector<std::uint32_t> members;
  for (const std::uint32_t entry : entries) {
    members.insert(members.end(), entries_[entry].instances.begin(),
                   entries_[entry].instances.end());
  }
  sort_unique(members);
  for (const std::uint32_t index : members) {
    const Instance& instance = instances_[index];
    if (instance.triggers.empty()) plan->always.push_back(index);
    for (const PredicateId trigger : instance.triggers) plan->triggers.emplace_back(trigger, index);
    for (const Instruction& instruction : code(instance)) {
      if (!predicates_[instruction.predicate].lazy)
        plan->predicates.push_back(instruction.predicate);
    }
  }
  sort_unique(plan->triggers);
  sort_unique(plan->predicates);
  std::vector<event::Slot> slots;
  std::vector<PredicateId> keywords;
  for (const PredicateId id : plan->predicates) {
    if (predicates_[id].slot == event::kNoSlot) {
      keywords.push_back(id);
    } else {
      slots.push_back(predicates_[id].slot);
    }
  }
  std::vector<event::Slot> triggered;
  for (const auto& trigger : plan->triggers) triggered.push_back(predicates_[trigger.first].slot);
  sort_unique(slots);
  sort_unique(triggered);
  for (const event::Slot slot : slots) {
    const bool triggers = std::binary_search(triggered.begin(), triggered.end(), slot);
    plan->slots.push_back({slot, matchers_[slot].get(), next_plan_slot_++, triggers});
  }
  std::sort(plan->slots.begin(), plan->slots.end(), [](const PlanSlot& a, const PlanSlot& b) {
    return std::pair(!a.triggers, a.slot) < std::pair(!b.triggers, b.slot);
  });
  plan->trigger_slots =
      static_cast<std::size_t>(std::ranges::count(plan->slots, true, &PlanSlot::triggers));
  if (!keywords.empty()) plan->keywords = &keyword_needles_of(keywords);
  return plan;
}

const KeywordNeedles& Program::keyword_needles_of(const std::vector<PredicateId>& keywords) const {
  std::unique_ptr<const KeywordNeedles>& needles = keyword_needles_[keywords];
  if (needles == nullptr) {
    std::vector<std::string_view> found;
    for (const PredicateId id : keywords) found.push_back(needle_of(predicates_[id].predicate));
    sort_unique(found);
    needles = keyword_needles(found);
  }
  return *needles;
}

std::unique_ptr<const SlotNeedles> Program::needles(const Plan& plan, event::Slot slot) const {
  std::map<std::string, std::vector<PredicateId>> found{{"\\u00", {}}};
  PredicateId last = static_cast<PredicateId>(predicates_.size());
  for (const auto& [predicate, instance] : plan.triggers) {
    if (predicates_[predicate].slot != slot || predicate == last) continue;
    last = predicate;
    const std::string_view needle = needle_of(predicates_[predicate].predicate);
    if (needle.size() < match::NeedleScanner::kNeedleBytesMin) return nullptr;
    std::string folded(needle);  // ASCII, see plain_piece()
    fold_case(folded, folded.data());
    found[folded].push_back(predicate);
  }
  std::vector<std::string> needles;
  for (const auto& of_needle : found) needles.push_back(of_needle.first);
  if (!match::NeedleScanner::is_worthwhile(needles)) return nullptr;
  auto result = std::make_unique<SlotNeedles>(needles);
  for (auto& of_needle : found) result->triggers.push_back(std::move(of_needle.second));
  return result;
}

}  // namespace vedette::rules
