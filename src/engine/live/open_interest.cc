// SPDX-License-Identifier: Apache-2.0
#include "engine/live/open_interest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "detect/naive_evaluator.h"

namespace vedette::engine {
namespace {

using rules::Case;
using rules::Expression;
using rules::Test;

// Fields that have one value in all calls that end so. A failure may lack a name for its error, so
// evt.res is not among those of failures.
struct KnownValue {
  CallOutcome outcome;
  std::string_view field;
  std::string_view value;
};
constexpr auto kKnownValues = std::to_array<KnownValue>({
    {CallOutcome::kSuccess, "evt.failed", "false"},
    {CallOutcome::kSuccess, "evt.res", "SUCCESS"},
    {CallOutcome::kFailure, "evt.failed", "true"},
    {CallOutcome::kFailure, "evt.is_open_create", "false"},
    {CallOutcome::kReadOnlyOpen, "evt.failed", "false"},
    {CallOutcome::kReadOnlyOpen, "evt.res", "SUCCESS"},
    {CallOutcome::kReadOnlyOpen, "evt.is_open_read", "true"},
    {CallOutcome::kReadOnlyOpen, "evt.is_open_write", "false"},
    {CallOutcome::kReadOnlyOpen, "evt.is_open_create", "false"},
    {CallOutcome::kReadOnlyOpen, "evt.is_open_exec", "false"},
});

// Whether a number of this sign can pass; nothing where both answers are possible.
std::optional<bool> sign_passes(const rules::Predicate& predicate, bool negative) {
  if (!predicate.transforms.empty()) return std::nullopt;
  std::int64_t bound = 0;
  const char* const end = predicate.text.data() + predicate.text.size();
  const auto read = std::from_chars(predicate.text.data(), end, bound);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  switch (predicate.test) {
    case Test::kNumberEquals:
      return (bound < 0) == negative ? std::nullopt : std::optional(false);
    case Test::kGreaterEquals:
      if (negative) return bound >= 0 ? std::optional(false) : std::nullopt;
      return bound <= 0 ? std::optional(true) : std::nullopt;
    case Test::kGreater:
      if (negative) return bound >= -1 ? std::optional(false) : std::nullopt;
      return bound < 0 ? std::optional(true) : std::nullopt;
    case Test::kLess:
      if (negative) return bound >= 0 ? std::optional(true) : std::nullopt;
      return bound <= 0 ? std::optional(false) : std::nullopt;
    case Test::kLessEquals:
      if (negative) return bound >= -1 ? std::optional(true) : std::nullopt;
      return bound < 0 ? std::optional(false) : std::nullopt;
    default:
      return std::nullopt;
  }
}

bool asks_one_text(const rules::Predicate& predicate) {
  return predicate.test != Test::kNull && predicate.test != Test::kExists &&
         (predicate.test < Test::kFieldEquals || predicate.test > Test::kFieldEndsWith);
}

// Cheaper ones first: a name is one comparison, a short prefix lets much pass.
std::size_t cost(const OpenInterest& interest) {
  if (interest.everything) return std::numeric_limits<std::size_t>::max();
  constexpr std::size_t kParents = 20;
  constexpr std::size_t kPrefix = 200;
  std::size_t sum = interest.programs.size() + (interest.with_parents ? kParents : 0);
  for (const std::string& prefix : interest.prefixes) sum += kPrefix / prefix.size() + 1;
  return sum;
}

class Finder {
 public:
  Finder(std::string_view type, CallOutcome outcome) : type_(type), outcome_(outcome) {}

  // Conditions are as deep as the loaders allow (their limits bound the recursion).
  OpenInterest of(const Expression& condition, bool negated) const {
    using Kind = Expression::Kind;
    switch (condition.kind) {
      case Kind::kTrue:
      case Kind::kFalse:
        return {.everything = (condition.kind == Kind::kTrue) != negated};
      case Kind::kNot:
        return of(condition.children.front(), !negated);
      case Kind::kLeaf:
        return of_leaf(condition, negated);
      case Kind::kAnd:
      case Kind::kOr:
        break;
    }
    const bool all = (condition.kind == Kind::kAnd) != negated;
    OpenInterest result{.everything = all};
    for (const Expression& child : condition.children) {
      OpenInterest part = of(child, negated);
      if (!all) {
        result = either(std::move(result), part);
        if (result.everything) break;
      } else if (cost(part) < cost(result)) {
        // Each part must hold: the one that lets the least pass stands for all.
        result = std::move(part);
      }
      if (all && result.nothing()) break;
    }
    return result;
  }

 private:
  OpenInterest of_leaf(const Expression& leaf, bool negated) const {
    if (const std::optional<bool> passes = known(leaf)) return {.everything = *passes != negated};
    return negated ? OpenInterest{.everything = true} : named(leaf);
  }

  std::optional<bool> known(const Expression& leaf) const {
    if (!asks_one_text(leaf.predicate)) return std::nullopt;
    if (leaf.field == "evt.type") return detect::text_passes(leaf.predicate, type_);
    if (leaf.field == "evt.source") return detect::text_passes(leaf.predicate, "syscall");
    if (leaf.field == "evt.rawres") {
      return sign_passes(leaf.predicate, outcome_ == CallOutcome::kFailure);
    }
    if (leaf.field == "fd.num" && outcome_ == CallOutcome::kReadOnlyOpen) {
      return sign_passes(leaf.predicate, false);
    }
    for (const KnownValue& row : kKnownValues) {
      if (row.outcome != outcome_ || row.field != leaf.field) continue;
      return detect::text_passes(leaf.predicate, row.value);
    }
    return std::nullopt;
  }

  static OpenInterest named(const Expression& leaf) {
    const rules::Predicate& predicate = leaf.predicate;
    if (!predicate.transforms.empty()) return {.everything = true};
    if (leaf.field == "fd.nameraw") return of_given(predicate);
    if (leaf.field == "fd.name") return of_prefix(beginning(predicate));
    if (leaf.field == "fd.directory" && predicate.test == Test::kEquals) {
      const std::string folder = beginning(predicate);
      // Where letters' case does not count, only a part of the folder's name is known.
      return of_prefix(folder == predicate.text && folder != "/" ? folder + "/" : folder);
    }
    if (leaf.field == "fd.directory") return of_prefix(beginning(predicate));
    if (leaf.field == "proc.name" && predicate.test == Test::kEquals &&
        predicate.letter_case == Case::kRespect && !predicate.text.empty()) {
      return {.programs = {predicate.text}};
    }
    return {.everything = true};
  }

  static OpenInterest of_given(const rules::Predicate& predicate) {
    const bool literal = predicate.test == Test::kEquals || predicate.test == Test::kContains ||
                         predicate.test == Test::kStartsWith || predicate.test == Test::kEndsWith ||
                         predicate.test == Test::kGlob;
    if (literal && predicate.text.find("..") != std::string::npos) return {.with_parents = true};
    return {.everything = true};
  }

  static OpenInterest of_prefix(std::string prefix) {
    if (prefix.empty() || prefix == "/") return {.everything = true};
    return {.prefixes = {std::move(prefix)}};
  }

  // What every text that passes begins with.
  static std::string beginning(const rules::Predicate& predicate) {
    std::string text;
    if (predicate.test == Test::kEquals || predicate.test == Test::kStartsWith) {
      text = predicate.text;
    } else if (predicate.test == Test::kGlob) {
      text = predicate.text.substr(
          0, predicate.text.find_first_of(std::string{rules::kAnyRun, rules::kAnyOne}));
    }
    if (predicate.letter_case == Case::kIgnore) {
      // Bytes that are the same in both cases.
      const auto end = std::ranges::find_if(text, [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               static_cast<unsigned char>(byte) >= 0x80;
      });
      text.erase(end, text.end());
    }
    return text;
  }

  std::string_view type_;  // the caller's
  CallOutcome outcome_;
};

}  // namespace

OpenInterest either(OpenInterest a, const OpenInterest& b) {
  if (a.everything || b.everything) return {.everything = true};
  a.with_parents |= b.with_parents;
  a.prefixes.insert(b.prefixes.begin(), b.prefixes.end());
  a.programs.insert(b.programs.begin(), b.programs.end());
  if (a.prefixes.size() > kOpenPrefixesMax || a.programs.size() > kOpenProgramsMax) {
    return {.everything = true};
  }
  return a;
}

OpenInterest open_interest(const Expression& condition, std::string_view type,
                           CallOutcome outcome) {
  return Finder(type, outcome).of(condition, false);
}

bool may_hold(const Expression& condition, std::string_view type, CallOutcome outcome) {
  return !open_interest(condition, type, outcome).nothing();
}

}  // namespace vedette::engine
