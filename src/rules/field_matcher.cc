// SPDX-License-Identifier: Apache-2.0
#include "rules/field_matcher.h"

#include <charconv>

#include "base/time.h"
#include "base/unicode.h"
#include "match/glob.h"

namespace vedette::rules {
namespace {

std::optional<match::Anchor> anchor_of(Test test) {
  switch (test) {
    case Test::kEquals:
      return match::Anchor::kWhole;
    case Test::kContains:
      return match::Anchor::kAnywhere;
    case Test::kStartsWith:
      return match::Anchor::kStart;
    case Test::kEndsWith:
      return match::Anchor::kEnd;
    default:
      return std::nullopt;
  }
}

bool in_range(Test test, const match::Decimal& number, const match::Decimal& bound) {
  switch (test) {
    case Test::kLess:
      return number < bound;
    case Test::kLessEquals:
      return number <= bound;
    case Test::kGreater:
      return number > bound;
    case Test::kGreaterEquals:
      return number >= bound;
    default:
      return false;
  }
}

int calendar_part(Test test, const CalendarTime& time) {
  switch (test) {
    case Test::kMinute:
      return time.minute;
    case Test::kHour:
      return time.hour;
    case Test::kDay:
      return time.day;
    case Test::kWeek:
      return iso_week(time.year, time.month, time.day);
    case Test::kMonth:
      return time.month;
    case Test::kYear:
      return time.year;
    default:
      return -1;
  }
}

}  // namespace

// Sorts predicates into the structures that answer them.
class FieldMatcher::Builder {
 public:
  explicit Builder(FieldMatcher& matcher) : m_(matcher) {}

  void add(const Predicate& predicate, PredicateId id) {
    const auto local = static_cast<std::uint32_t>(m_.ids_.size());
    m_.ids_.push_back(id);
    m_.globs_.emplace_back();
    const Test test = predicate.test;
    if (const auto anchor = anchor_of(test)) {
      add_literal(predicate, *anchor, local);
    } else if (test == Test::kGlob) {
      add_glob(predicate, local);
    } else if (test == Test::kRegex) {
      if (m_.regexes_.add(predicate.text)) m_.regex_locals_.push_back(local);
    } else if (test == Test::kCidr) {
      if (const auto network = match::Network::parse(predicate.text))
        m_.networks_.emplace_back(*network, local);
    } else if (const auto number = match::Decimal::parse(predicate.text)) {
      add_number(test, *number, predicate.text, local);
    }
  }

  void finish() {
    const std::vector<std::string> atoms = m_.regexes_.finish();
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      // RE2 gives atoms in its own lower case, which agrees with ours for ASCII only.
      folded_.add(fold_case(atoms[i]), match::Anchor::kAnywhere,
                  action({Then::kAtom, static_cast<std::uint32_t>(i)}));
    }
    m_.folded_ = std::move(folded_).build();
    m_.cased_ = std::move(cased_).build();
  }

 private:
  std::uint32_t action(Action action) {
    m_.actions_.push_back(action);
    return static_cast<std::uint32_t>(m_.actions_.size() - 1);
  }

  void add_literal(const Predicate& predicate, match::Anchor anchor, std::uint32_t local) {
    if (predicate.text.empty() && anchor != match::Anchor::kWhole) {
      m_.always_.push_back(local);
      return;
    }
    const std::uint32_t id = action({Then::kPasses, local});
    if (predicate.letter_case == Case::kIgnore) {
      folded_.add(fold_case(predicate.text), anchor, id);
    } else {
      cased_.add(predicate.text, anchor, id);
    }
  }

  void add_glob(const Predicate& predicate, std::uint32_t local) {
    const bool fold = predicate.letter_case == Case::kIgnore;
    m_.globs_[local] = fold ? fold_case(predicate.text) : predicate.text;
    const std::string_view literal = match::longest_literal(m_.globs_[local]);
    if (literal.empty()) {
      (fold ? m_.folded_globs_without_literal_ : m_.cased_globs_without_literal_).push_back(local);
      return;
    }
    (fold ? folded_ : cased_)
        .add(literal, match::Anchor::kAnywhere, action({Then::kTryGlob, local}));
  }

  void add_number(Test test, const match::Decimal& number, std::string_view text,
                  std::uint32_t local) {
    if (test == Test::kNumberEquals) {
      m_.numbers_[number.canonical()].push_back(local);
    } else if (test >= Test::kMinute) {
      int value = -1;
      std::from_chars(text.data(), text.data() + text.size(), value);
      m_.calendar_.push_back({test, value, local});
    } else {
      m_.ranges_.push_back({test, number, local});
    }
  }

  FieldMatcher& m_;
  match::LiteralSet::Builder folded_;
  match::LiteralSet::Builder cased_;
};

FieldMatcher FieldMatcher::build(std::span<const Row> rows) {
  FieldMatcher matcher;
  Builder builder(matcher);
  for (const Row& row : rows) builder.add(*row.predicate, row.id);
  builder.finish();
  return matcher;
}

template <typename Pass>
void FieldMatcher::match_literals(const match::LiteralSet& set, std::string_view text,
                                  Scratch& scratch, Pass&& pass) const {
  set.scan(text, [&](std::uint32_t id) {
    const Action action = actions_[id];
    if (action.then == Then::kPasses) {
      pass(action.index);
    } else if (action.then == Then::kAtom) {
      scratch.atoms.push_back(static_cast<int>(action.index));
    } else if (match::glob_matches(globs_[action.index], text)) {
      pass(action.index);
    }
  });
}

template <typename Pass>
void FieldMatcher::match_regexes(std::string_view text, Scratch& scratch, Pass&& pass) const {
  if (regex_locals_.empty()) return;
  scratch.candidates.clear();
  regexes_.candidates(scratch.atoms, scratch.candidates);
  for (const int candidate : scratch.candidates) {
    const auto index = static_cast<std::size_t>(candidate);
    if (regexes_.found_in(index, text)) pass(regex_locals_[index]);
  }
}

// Tests that see the text as a number, an address or a time.
template <typename Pass>
void FieldMatcher::match_values(std::string_view text, Pass&& pass) const {
  if (!numbers_.empty() || !ranges_.empty()) {
    if (const auto number = match::Decimal::parse(text)) {
      if (const auto found = numbers_.find(number->canonical()); found != numbers_.end()) {
        for (const std::uint32_t local : found->second) pass(local);
      }
      for (const Range& range : ranges_) {
        if (in_range(range.test, *number, range.bound)) pass(range.local);
      }
    }
  }
  if (!networks_.empty()) {
    if (const auto address = match::Address::parse(text)) {
      for (const auto& [network, local] : networks_) {
        if (network.contains(*address)) pass(local);
      }
    }
  }
  if (!calendar_.empty()) {
    if (const auto time = parse_calendar_time(text)) {
      for (const CalendarTest& test : calendar_) {
        if (calendar_part(test.test, *time) == test.value) pass(test.local);
      }
    }
  }
}

void FieldMatcher::match(std::string_view text, Scratch& scratch,
                         std::vector<PredicateId>& out) const {
  if (scratch.seen.size() < ids_.size()) scratch.seen.resize(ids_.size(), 0);
  if (++scratch.generation == 0) {
    std::fill(scratch.seen.begin(), scratch.seen.end(), 0);
    scratch.generation = 1;
  }
  const auto pass = [&](std::uint32_t local) {
    if (scratch.seen[local] == scratch.generation) return;
    scratch.seen[local] = scratch.generation;
    out.push_back(ids_[local]);
  };
  scratch.atoms.clear();
  for (const std::uint32_t local : always_) pass(local);
  if (!folded_.empty() || !folded_globs_without_literal_.empty()) {
    if (scratch.folded.size() < text.size()) scratch.folded.resize(text.size());
    fold_case(text, scratch.folded.data());
    const std::string_view folded(scratch.folded.data(), text.size());
    match_literals(folded_, folded, scratch, pass);
    for (const std::uint32_t local : folded_globs_without_literal_) {
      if (match::glob_matches(globs_[local], folded)) pass(local);
    }
  }
  if (!cased_.empty()) match_literals(cased_, text, scratch, pass);
  for (const std::uint32_t local : cased_globs_without_literal_) {
    if (match::glob_matches(globs_[local], text)) pass(local);
  }
  match_regexes(text, scratch, pass);
  match_values(text, pass);
}

}  // namespace vedette::rules
