// SPDX-License-Identifier: Apache-2.0
#include "rules/program_builder.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/hash.h"
#include "match/glob.h"
#include "rules/field_names.h"

namespace vedette::rules {
namespace {

using Kind = Expression::Kind;

bool has_constant(const Expression& expression) {
  if (expression.kind == Kind::kTrue || expression.kind == Kind::kFalse) return true;
  if ((expression.kind == Kind::kAnd || expression.kind == Kind::kOr) &&
      expression.children.empty())
    return true;
  return std::any_of(expression.children.begin(), expression.children.end(), has_constant);
}

// The same condition without constants inside; kTrue or kFalse when it is constant itself. An empty
// AND is true, an empty OR false.
Expression folded(const Expression& expression) {
  if (expression.kind == Kind::kNot) {
    Expression child = folded(expression.children.front());
    if (child.kind == Kind::kTrue) return Expression::make(Kind::kFalse);
    if (child.kind == Kind::kFalse) return Expression::make(Kind::kTrue);
    Expression result = Expression::make(Kind::kNot);
    result.children.push_back(std::move(child));
    return result;
  }
  if (expression.kind != Kind::kAnd && expression.kind != Kind::kOr) return expression;
  const Kind neutral = expression.kind == Kind::kAnd ? Kind::kTrue : Kind::kFalse;
  const Kind deciding = expression.kind == Kind::kAnd ? Kind::kFalse : Kind::kTrue;
  Expression result = Expression::make(expression.kind);
  for (const Expression& child : expression.children) {
    Expression simpler = folded(child);
    if (simpler.kind == deciding) return Expression::make(deciding);
    if (simpler.kind != neutral) result.children.push_back(std::move(simpler));
  }
  if (result.children.empty()) return Expression::make(neutral);
  return result;
}

bool is_field_comparison(Test test) {
  return test >= Test::kFieldEquals && test <= Test::kFieldEndsWith;
}
bool is_lazy(const Predicate& predicate) {
  return predicate.test == Test::kNull || predicate.test == Test::kExists ||
         is_field_comparison(predicate.test) || !predicate.transforms.empty();
}

void collect_fields(const Expression& expression, std::vector<std::string_view>& fields) {
  if (expression.kind == Kind::kLeaf) {
    if (expression.field != kAnyField) fields.push_back(expression.field);
    if (is_field_comparison(expression.predicate.test)) fields.push_back(expression.predicate.text);
  }
  for (const Expression& child : expression.children) collect_fields(child, fields);
}

std::string_view renamed(std::string_view field,
                         const std::map<std::string, std::string, std::less<>>* fields) {
  if (fields == nullptr) return field;
  const auto found = fields->find(field);
  return found == fields->end() ? field : std::string_view(found->second);
}

}  // namespace

std::size_t ProgramBuilder::PredicateKeyHash::operator()(const PredicateRow& row) const {
  const std::uint64_t seed = std::uint64_t{row.slot} << 32 | std::uint64_t{row.other} << 16 |
                             static_cast<std::uint64_t>(row.predicate.test) << 1 |
                             static_cast<std::uint64_t>(row.predicate.letter_case);
  return hash_bytes(row.predicate.text, seed + row.predicate.transforms.size());
}

bool ProgramBuilder::PredicateKeyEqual::operator()(const PredicateRow& a,
                                                   const PredicateRow& b) const {
  return a.slot == b.slot && a.other == b.other && a.predicate == b.predicate;
}

void ProgramBuilder::build() {
  fold_conditions();
  add_entries();
  add_instances();
  add_roles();
  postpone_regexes();
  build_matchers();
  build_discriminators();
  build_tree();
  place_instructions();
}

void ProgramBuilder::fold_conditions() {
  for (const Rule& rule : rules_.rules) {
    if (has_constant(rule.condition)) {
      p_.folded_.push_back(folded(rule.condition));
      p_.conditions_.push_back(&p_.folded_.back());
    } else {
      p_.conditions_.push_back(&rule.condition);
    }
  }
}

void ProgramBuilder::add_entries() {
  if (!options_.use_log_sources) {
    EntryCode everything;
    everything.constant = true;
    p_.entries_.push_back(everything);
    return;
  }
  for (const LogSourceEntry& source : log_sources_.entries) {
    EntryCode entry;
    const Expression when = folded(source.when);
    if (when.kind == Kind::kTrue || when.kind == Kind::kFalse) {
      entry.constant = when.kind == Kind::kTrue;
    } else {
      Emitter emitter;
      emit(when, nullptr, Instruction::kAccept, Instruction::kReject, emitter);
      entry.instruction_count = static_cast<std::uint32_t>(emitter.code.size());
      entry.first_instruction = finish(emitter);
    }
    p_.entries_.push_back(entry);
  }
}

void ProgramBuilder::add_instances() {
  // Rules share few log sources: which entries one covers is found once for all its rules.
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>,
           std::vector<std::uint32_t>>
      covered;
  for (std::uint32_t rule = 0; rule < rules_.rules.size(); ++rule) {
    if (p_.conditions_[rule]->kind == Kind::kFalse) continue;
    if (!options_.use_log_sources) {
      add_instance(rule, nullptr, {0});
      continue;
    }
    const LogSource& wanted = rules_.rules[rule].logsource;
    const auto [entries, added] = covered.try_emplace(
        {wanted.category, wanted.product, wanted.service}, std::vector<std::uint32_t>());
    if (added) {
      for (std::uint32_t i = 0; i < log_sources_.entries.size(); ++i) {
        if (covers(wanted, log_sources_.entries[i].source)) entries->second.push_back(i);
      }
    }
    add_instances_of(rule, entries->second);
  }
}

// One instance for each different naming of the rule's own fields.
void ProgramBuilder::add_instances_of(std::uint32_t rule,
                                      const std::vector<std::uint32_t>& entries) {
  std::vector<std::string_view> fields;
  collect_fields(*p_.conditions_[rule], fields);
  if (options_.output_fields) {
    const std::vector<std::string>& shown = rules_.rules[rule].info.output_fields;
    fields.insert(fields.end(), shown.begin(), shown.end());
  }
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::map<std::vector<std::string_view>, std::vector<std::uint32_t>> views;
  for (const std::uint32_t entry : entries) {
    const FieldMap& names = log_sources_.entries[entry].fields;
    std::vector<std::string_view> view;
    view.reserve(fields.size());
    for (const std::string_view field : fields) view.push_back(renamed(field, &names));
    views[view].push_back(entry);
  }
  for (const auto& [view, members] : views) {
    add_instance(rule, view == fields ? nullptr : &log_sources_.entries[members.front()].fields,
                 members);
  }
}

void ProgramBuilder::add_instance(std::uint32_t rule, const FieldMap* fields,
                                  const std::vector<std::uint32_t>& entries) {
  Instance instance;
  instance.rule = rule;
  instance.fields = fields;
  const Expression& condition = *p_.conditions_[rule];
  if (condition.kind != Kind::kTrue) {
    Emitter emitter;
    emit(condition, fields, Instruction::kAccept, Instruction::kReject, emitter);
    std::size_t leaf = 0;
    if (auto choice = choose_triggers(condition, false, emitter.code, leaf)) {
      std::sort(choice->predicates.begin(), choice->predicates.end());
      choice->predicates.erase(std::unique(choice->predicates.begin(), choice->predicates.end()),
                               choice->predicates.end());
      instance.triggers = std::move(choice->predicates);
    }
    instance.instruction_count = static_cast<std::uint32_t>(emitter.code.size());
    instance.first_instruction = finish(emitter);
  }
  if (rule < options_.extra_fields.size()) {
    for (const std::string& field : options_.extra_fields[rule]) {
      instance.extra.push_back(slot_of(renamed(field, fields)));
    }
  }
  if (options_.output_fields) {
    for (const std::string& field : rules_.rules[rule].info.output_fields) {
      instance.output.push_back(slot_of(renamed(field, fields)));
    }
  }
  const auto index = static_cast<std::uint32_t>(p_.instances_.size());
  p_.instances_.push_back(std::move(instance));
  for (const std::uint32_t entry : entries) p_.entries_[entry].instances.push_back(index);
}

void ProgramBuilder::emit(const Expression& expression, const FieldMap* fields,
                          std::uint32_t on_true, std::uint32_t on_false, Emitter& emitter) {
  if (expression.kind == Kind::kLeaf) {
    emitter.code.push_back({predicate_of(expression, fields), on_true, on_false, event::kNoSlot});
    return;
  }
  if (expression.kind == Kind::kNot) {
    emit(expression.children.front(), fields, on_false, on_true, emitter);
    return;
  }
  for (std::size_t i = 0; i + 1 < expression.children.size(); ++i) {
    const auto next = static_cast<std::uint32_t>(emitter.labels.size());
    emitter.labels.push_back(0);
    const bool conjunction = expression.kind == Kind::kAnd;
    emit(expression.children[i], fields, conjunction ? next : on_true,
         conjunction ? on_false : next, emitter);
    emitter.labels[next] = static_cast<std::uint32_t>(emitter.code.size());
  }
  emit(expression.children.back(), fields, on_true, on_false, emitter);
}

// Labels to positions; returns where the code begins in the program.
std::uint32_t ProgramBuilder::finish(Emitter& emitter) {
  const auto first = static_cast<std::uint32_t>(p_.instructions_.size());
  const auto resolve = [&emitter](std::uint32_t label) {
    return label >= Instruction::kReject ? label : emitter.labels[label];
  };
  for (Instruction& instruction : emitter.code) {
    instruction.on_true = resolve(instruction.on_true);
    instruction.on_false = resolve(instruction.on_false);
  }
  p_.instructions_.insert(p_.instructions_.end(), emitter.code.begin(), emitter.code.end());
  return first;
}

event::Slot ProgramBuilder::slot_of(std::string_view field) {
  const auto [found, added] =
      slots_.try_emplace(std::string(field), static_cast<event::Slot>(p_.slot_names_.size()));
  if (added) p_.slot_names_.emplace_back(field);
  return found->second;
}

PredicateId ProgramBuilder::predicate_of(const Expression& leaf, const FieldMap* fields) {
  PredicateRow row;
  row.predicate = leaf.predicate;
  row.lazy = is_lazy(leaf.predicate);
  if (leaf.field != kAnyField) row.slot = slot_of(renamed(leaf.field, fields));
  if (is_field_comparison(leaf.predicate.test)) {
    row.other = slot_of(renamed(leaf.predicate.text, fields));
    row.predicate.text.clear();
  }
  const auto [found, added] =
      predicate_ids_.try_emplace(std::move(row), static_cast<PredicateId>(p_.predicates_.size()));
  if (added) p_.predicates_.push_back(found->first);
  return found->second;
}

// How seldom a predicate is true, as a guess: long literals are rare, numbers are event ids, which
// the log source has usually tested already.
unsigned ProgramBuilder::selectivity(const Predicate& predicate) const {
  const auto literal = static_cast<unsigned>(std::min<std::size_t>(predicate.text.size(), 60));
  switch (predicate.test) {
    case Test::kEquals:
      return literal + 4;
    case Test::kContains:
      return literal;
    // "C:\Windows\" begins half of all paths.
    case Test::kStartsWith:
      return literal / 2;
    case Test::kEndsWith:
      return literal;
    case Test::kGlob:
      return static_cast<unsigned>(
          std::min<std::size_t>(match::longest_literal(predicate.text).size(), 60));
    case Test::kRegex:
      return 6;
    case Test::kCidr:
      return 6;
    default:
      return 1;
  }
}

std::optional<ProgramBuilder::Choice> ProgramBuilder::choose_triggers(
    const Expression& expression, bool negated, std::span<const Instruction> code,
    std::size_t& leaf) const {
  if (expression.kind == Kind::kNot)
    return choose_triggers(expression.children.front(), !negated, code, leaf);
  if (expression.kind == Kind::kLeaf) {
    const PredicateId id = code[leaf++].predicate;
    const PredicateRow& row = p_.predicates_[id];
    // What nearly every text passes completes nothing: better to look at such a rule whenever its
    // source speaks.
    const bool is_open =
        row.predicate.test == Test::kGlob && match::longest_literal(row.predicate.text).empty();
    if (negated || row.lazy || is_open) return std::nullopt;
    return Choice{{id}, selectivity(row.predicate)};
  }
  // Of a conjunction any part will do and the rarest is best; of an alternative all parts are
  // needed. A negation exchanges the two (De Morgan).
  const bool conjunction = (expression.kind == Kind::kAnd) != negated;
  std::optional<Choice> chosen;
  bool complete = true;
  for (const Expression& child : expression.children) {
    std::optional<Choice> choice = choose_triggers(child, negated, code, leaf);
    if (!choice) {
      complete = false;
    } else if (!chosen) {
      chosen = std::move(choice);
    } else if (conjunction) {
      if (choice->score > chosen->score) chosen = std::move(choice);
    } else {
      chosen->score = std::min(chosen->score, choice->score);
      chosen->predicates.insert(chosen->predicates.end(), choice->predicates.begin(),
                                choice->predicates.end());
    }
  }
  if (!conjunction && !complete) return std::nullopt;
  return chosen;
}

// An expression that no instance is found by need not be searched for in every value: the few
// conditions that come to ask it search then. Keywords stay: they have no field to look at later.
void ProgramBuilder::postpone_regexes() {
  std::set<PredicateId> needed;
  for (const Instance& instance : p_.instances_)
    needed.insert(instance.triggers.begin(), instance.triggers.end());
  for (const EntryCode& entry : p_.entries_) {
    for (const Instruction& instruction : p_.code(entry)) needed.insert(instruction.predicate);
  }
  for (PredicateId id = 0; id < p_.predicates_.size(); ++id) {
    PredicateRow& row = p_.predicates_[id];
    if (row.predicate.test != Test::kRegex || row.slot == event::kNoSlot || needed.contains(id))
      continue;
    auto regex = match::Regex::compile(row.predicate.text);
    if (!regex) continue;
    row.lazy = true;
    p_.regexes_.emplace(id, std::move(*regex));
  }
}

void ProgramBuilder::place_instructions() {
  for (Instruction& instruction : p_.instructions_) {
    const PredicateRow& row = p_.predicates_[instruction.predicate];
    instruction.slot = row.lazy ? Instruction::kLazy : row.slot;
  }
}

void ProgramBuilder::build_matchers() {
  std::vector<std::vector<FieldMatcher::Row>> rows(p_.slot_names_.size());
  std::vector<FieldMatcher::Row> keywords;
  for (PredicateId id = 0; id < p_.predicates_.size(); ++id) {
    const PredicateRow& row = p_.predicates_[id];
    if (row.lazy) continue;
    (row.slot == event::kNoSlot ? keywords : rows[row.slot]).push_back({&row.predicate, id});
  }
  p_.matchers_.resize(rows.size());
  for (std::size_t slot = 0; slot < rows.size(); ++slot) {
    if (rows[slot].empty()) continue;
    p_.matchers_[slot] = std::make_unique<const FieldMatcher>(FieldMatcher::build(rows[slot]));
  }
  if (!keywords.empty()) {
    p_.keyword_matcher_ = std::make_unique<const FieldMatcher>(FieldMatcher::build(keywords));
  }
}

// The fields that entries look at, with matchers of those entries' predicates alone: the fields of
// all rules need not be matched to know where an event comes from. Entries are compiled before
// rules, so these fields have the first slots.
void ProgramBuilder::build_discriminators() {
  std::vector<std::vector<FieldMatcher::Row>> rows;
  std::set<PredicateId> seen;
  const auto of_slot = [&](event::Slot slot) -> std::vector<FieldMatcher::Row>& {
    if (rows.size() <= slot) rows.resize(slot + std::size_t{1});
    return rows[slot];
  };
  for (const EntryCode& entry : p_.entries_) {
    for (const Instruction& instruction : p_.code(entry)) {
      const PredicateRow& row = p_.predicates_[instruction.predicate];
      if (row.slot == event::kNoSlot) continue;
      std::vector<FieldMatcher::Row>& own = of_slot(row.slot);
      if (row.other != event::kNoSlot) of_slot(row.other);
      if (!row.lazy && seen.insert(instruction.predicate).second) {
        own.push_back({&row.predicate, instruction.predicate});
      }
    }
  }
  for (event::Slot slot = 0; slot < rows.size(); ++slot) {
    p_.discriminator_matchers_.push_back(
        std::make_unique<const FieldMatcher>(FieldMatcher::build(rows[slot])));
    p_.discriminators_.push_back(
        {slot, p_.discriminator_matchers_.back().get(), p_.next_plan_slot_++, false});
  }
}

void ProgramBuilder::add_roles() {
  for (std::size_t role = 0; role < event::kRoleCount; ++role) {
    for (const std::string& field : log_sources_.roles[role])
      p_.roles_[role].push_back(slot_of(field));
  }
  for (const std::string& field : log_sources_.time) p_.times_.push_back(slot_of(field));
}

void ProgramBuilder::build_tree() {
  std::vector<bool> asked(p_.slot_names_.size());
  for (const PredicateRow& row : p_.predicates_) {
    if (row.slot != event::kNoSlot) asked[row.slot] = true;
    if (row.other != event::kNoSlot) asked[row.other] = true;
  }
  event::FieldTree::Builder builder;
  for (event::Slot slot = 0; slot < p_.slot_names_.size(); ++slot) {
    const std::vector<std::string> paths = paths_of(log_sources_, p_.slot_names_[slot]);
    for (std::size_t rank = 0; rank < paths.size(); ++rank) {
      builder.add(paths[rank], slot, static_cast<std::uint8_t>(std::min<std::size_t>(rank, 255)),
                  !asked[slot]);
    }
  }
  for (const std::string& key : log_sources_.envelopes) builder.add_envelope(key);
  p_.tree_ = std::move(builder).build();
}

}  // namespace vedette::rules
