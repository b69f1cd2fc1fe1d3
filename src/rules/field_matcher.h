// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "match/decimal.h"
#include "match/literal_set.h"
#include "match/network.h"
#include "match/regex.h"
#include "rules/model.h"

namespace vedette::rules {

// Index of a distinct (slot, predicate) pair of a Program.
using PredicateId = std::uint32_t;

// All predicates on one field, asked at once of one text. Immutable after build(), shared by
// threads; what changes while matching is in a Scratch, one per thread.
class FieldMatcher {
 public:
  struct Scratch {
    std::string folded;
    std::vector<std::uint32_t>
        seen;  // by local index: the generation in which it was last reported
    std::uint32_t generation = 0;
    std::vector<int> atoms;
    std::vector<int> candidates;
  };

  struct Row {
    const Predicate* predicate = nullptr;  // only read by build()
    PredicateId id = 0;
  };

  // Tests that do not look at a text (kNull, kExists, kField…) must not be among the rows.
  static FieldMatcher build(std::span<const Row> rows);

  // Appends the ids of the predicates that `text` passes, each once, in no particular order.
  void match(std::string_view text, Scratch& scratch, std::vector<PredicateId>& out) const;

  std::size_t size() const { return ids_.size(); }

 private:
  enum class Then : std::uint8_t { kPasses, kTryGlob, kAtom };
  struct Action {
    Then then = Then::kPasses;
    std::uint32_t index = 0;  // local index of the predicate, or number of the atom
  };
  struct Range {
    Test test;
    match::Decimal bound;
    std::uint32_t local;
  };
  struct CalendarTest {
    Test test;
    int value;
    std::uint32_t local;
  };
  class Builder;

  template <typename Pass>
  void match_literals(const match::LiteralSet& set, std::string_view text, Scratch& scratch,
                      Pass&& pass) const;
  template <typename Pass>
  void match_regexes(std::string_view text, Scratch& scratch, Pass&& pass) const;
  template <typename Pass>
  void match_values(std::string_view text, Pass&& pass) const;

  std::vector<PredicateId> ids_;  // by local index
  std::vector<Action> actions_;   // by the id given to the literal sets
  match::LiteralSet folded_;
  match::LiteralSet cased_;
  std::vector<std::string> globs_;  // by local index; folded unless the predicate respects case
  std::vector<std::uint32_t> folded_globs_without_literal_;
  std::vector<std::uint32_t> cased_globs_without_literal_;
  std::vector<std::uint32_t> always_;  // the empty literal anywhere
  match::RegexSet regexes_;
  std::vector<std::uint32_t> regex_locals_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> numbers_;  // canonical -> locals
  std::vector<Range> ranges_;
  std::vector<std::pair<match::Network, std::uint32_t>> networks_;
  std::vector<CalendarTest> calendar_;
};

}  // namespace vedette::rules
