// SPDX-License-Identifier: Apache-2.0
#include "rules/enforcement.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "rules/possible_values.h"

namespace vedette::rules {
namespace {

using Kind = Expression::Kind;
using Action = EnforcedAction;
using Property = EnforcedProperty;
using Asks = std::map<Property, Expression>;
template <typename T>
using Or = std::expected<T, std::string>;  // a reason why not

// The event that an attempt would become. A rule must mean the same by each of one action.
struct Variant {
  std::string_view type;
  std::string_view result;
};
constexpr Variant kExecs[] = {{"execve", "SUCCESS"}, {"execveat", "SUCCESS"}};
constexpr Variant kOpens[] = {{"open", "SUCCESS"}, {"openat", "SUCCESS"}, {"openat2", "SUCCESS"}};
constexpr Variant kConnects[] = {{"connect", "SUCCESS"}, {"connect", "EINPROGRESS"}};

struct ActionRow {
  Action action;
  std::span<const Variant> variants;
};
constexpr ActionRow kActions[] = {
    {Action::kExec, kExecs}, {Action::kOpen, kOpens}, {Action::kConnect, kConnects}};

// Further ways to do the same, blocked with it.
constexpr std::string_view kOtherWays[] = {"creat", "open_by_handle_at"};

// Which tests of a property the kernel can decide.
struct FieldRow {
  Action action;
  std::string_view name;
  Property property;
  std::array<Test, 3> tests;
};
constexpr Test kEq = Test::kEquals;
constexpr Test kStart = Test::kStartsWith;
constexpr Test kEnd = Test::kEndsWith;
constexpr FieldRow kFields[] = {
    {Action::kExec, "proc.exepath", Property::kPath, {kEq, kStart, kEnd}},
    {Action::kExec, "proc.pname", Property::kParentName, {kEq, kEq, kEq}},
    {Action::kOpen, "fd.name", Property::kPath, {kEq, kStart, kEnd}},
    {Action::kOpen, "fd.type", Property::kType, {kEq, kEq, kEq}},
    {Action::kOpen, "fd.typechar", Property::kType, {kEq, kEq, kEq}},
    {Action::kOpen, "evt.is_open_read", Property::kAccess, {kEq, kEq, kEq}},
    {Action::kOpen, "evt.is_open_write", Property::kAccess, {kEq, kEq, kEq}},
    {Action::kConnect, "fd.type", Property::kType, {kEq, kEq, kEq}},
    {Action::kConnect, "fd.typechar", Property::kType, {kEq, kEq, kEq}},
    {Action::kConnect, "fd.sip", Property::kAddress, {Test::kCidr, Test::kCidr, Test::kCidr}},
    {Action::kConnect, "fd.rip", Property::kAddress, {Test::kCidr, Test::kCidr, Test::kCidr}},
    {Action::kConnect, "fd.snet", Property::kAddress, {Test::kCidr, Test::kCidr, Test::kCidr}},
    {Action::kConnect, "fd.rnet", Property::kAddress, {Test::kCidr, Test::kCidr, Test::kCidr}},
    {Action::kConnect,
     "fd.sport",
     Property::kPort,
     {Test::kNumberEquals, Test::kNumberEquals, Test::kNumberEquals}},
    {Action::kConnect,
     "fd.rport",
     Property::kPort,
     {Test::kNumberEquals, Test::kNumberEquals, Test::kNumberEquals}},
    {Action::kOpen, "proc.name", Property::kName, {kEq, kEq, kEq}},
    {Action::kOpen, "proc.exepath", Property::kExe, {kEq, kEq, kEq}},
    {Action::kOpen, "proc.pname", Property::kParentName, {kEq, kEq, kEq}},
    {Action::kConnect, "proc.name", Property::kName, {kEq, kEq, kEq}},
    {Action::kConnect, "proc.exepath", Property::kExe, {kEq, kEq, kEq}},
    {Action::kConnect, "proc.pname", Property::kParentName, {kEq, kEq, kEq}},
};

bool is_presence(const Predicate& predicate) {
  return predicate.test == Test::kGlob && predicate.text == std::string(1, kAnyRun);
}

Expression constant(bool truth) { return Expression::make(truth ? Kind::kTrue : Kind::kFalse); }

bool same(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.field == b.field && a.predicate == b.predicate &&
         std::ranges::equal(a.children, b.children, same);
}

// A test of a text that is known beforehand.
Or<bool> test_of(const Expression& leaf, std::string_view value) {
  const Predicate& predicate = leaf.predicate;
  if (is_presence(predicate)) return true;
  if (predicate.test == Test::kEquals && predicate.transforms.empty()) {
    return predicate.text == value;
  }
  return std::unexpected(fmt::format("it compares '{}' otherwise than by '=' or 'in'", leaf.field));
}

// A number of which no more is known than that it is none below zero, or that it is one.
Or<bool> sign_test(const Expression& leaf, bool negative) {
  const Predicate& predicate = leaf.predicate;
  if (is_presence(predicate)) return true;
  const bool zero = predicate.text == "0";
  const bool minus_one = predicate.text == "-1";
  if (zero && predicate.test == Test::kGreaterEquals) return !negative;
  if (zero && predicate.test == Test::kLess) return negative;
  if (minus_one && !negative && predicate.test == Test::kGreater) return true;
  if (minus_one && !negative && predicate.test == Test::kNumberEquals) return false;
  return std::unexpected(fmt::format(
      "'{}' is not known before it happens, but for whether it is below 0", leaf.field));
}

class Lowering {
 public:
  Lowering(Action action, const Variant& variant) : action_(action), variant_(variant) {}

  // The condition with all that is certain of the attempt put in.
  Or<Expression> specialise(const Expression& expression) const {
    switch (expression.kind) {
      case Kind::kTrue:
      case Kind::kFalse:
        return expression;
      case Kind::kLeaf:
        return specialise_leaf(expression);
      case Kind::kNot: {
        TRY(Expression inner, specialise(expression.children.front()));
        if (is_constant(inner)) return constant(inner.kind == Kind::kFalse);
        std::vector<Expression> child;
        child.push_back(std::move(inner));
        return Expression::make(Kind::kNot, std::move(child));
      }
      case Kind::kAnd:
      case Kind::kOr:
        break;
    }
    // What decides the whole stands for it, and what stands beside it need not be known.
    const Kind deciding = expression.kind == Kind::kAnd ? Kind::kFalse : Kind::kTrue;
    std::vector<Expression> children;
    std::optional<std::string> reason;
    for (const Expression& child : expression.children) {
      auto part = specialise(child);
      if (!part.has_value()) {
        reason = part.error();
      } else if (part->kind == deciding) {
        return constant(deciding == Kind::kTrue);
      } else if (!is_constant(*part)) {
        children.push_back(std::move(*part));
      }
    }
    if (reason) return std::unexpected(*reason);
    if (children.empty()) return constant(deciding == Kind::kFalse);
    if (children.size() == 1) return std::move(children.front());
    return Expression::make(expression.kind, std::move(children));
  }

 private:
  static bool is_constant(const Expression& expression) {
    return expression.kind == Kind::kTrue || expression.kind == Kind::kFalse;
  }

  Or<Expression> specialise_leaf(const Expression& leaf) const {
    const std::string& field = leaf.field;
    const bool failed = variant_.result != "SUCCESS";
    Or<bool> known = false;
    if (field == "evt.type" || field == "syscall.type") {
      known = test_of(leaf, variant_.type);
    } else if (field == "evt.source") {
      known = test_of(leaf, "syscall");
    } else if (field == "evt.res") {
      known = test_of(leaf, variant_.result);
    } else if (field == "evt.failed") {
      known = test_of(leaf, failed ? "true" : "false");
    } else if (field == "evt.rawres") {
      known = sign_test(leaf, failed);
    } else if (field == "fd.num" && action_ != Action::kExec) {
      known = sign_test(leaf, false);
    } else if (action_ != Action::kOpen && field.starts_with("evt.is_open_")) {
      known = false;
    } else if (action_ == Action::kExec && field.starts_with("fd.")) {
      known = false;
    } else {
      return leaf;
    }
    if (!known.has_value()) return std::unexpected(known.error());
    return constant(*known);
  }

  Action action_;
  const Variant& variant_;
};

Or<void> check_size(const Predicate& predicate) {
  const std::size_t size = predicate.text.size();
  const std::size_t most = predicate.test == Test::kEquals       ? kEnforcedPathMax
                           : predicate.test == Test::kStartsWith ? kEnforcedStartMax
                                                                 : kEnforcedEndMax;
  if (predicate.test != Test::kGlob && (size == 0 || size > most)) {
    return std::unexpected(fmt::format(
        "'{}' has {} bytes, expected 1 to {}; {} takes at most so many", predicate.text, size, most,
        predicate.test == Test::kEquals ? "a whole path" : "the part of a path"));
  }
  return {};
}

Or<Property> property_of(const Expression& leaf, Action action) {
  const std::string& field = leaf.field;
  if (field.starts_with("container.") || field.starts_with("k8s.")) {
    return Property::kContainer;
  }
  const auto row = std::ranges::find_if(
      kFields, [&](const FieldRow& each) { return each.action == action && each.name == field; });
  if (row == std::end(kFields)) {
    return std::unexpected(fmt::format(
        "it asks for '{}', which the kernel is not asked for before it happens", field));
  }
  const Predicate& predicate = leaf.predicate;
  const bool known =
      is_presence(predicate) || std::ranges::find(row->tests, predicate.test) != row->tests.end();
  if (!known || !predicate.transforms.empty()) {
    return std::unexpected(fmt::format(
        "'{}' is compared in a way that the kernel cannot decide; use {}", field,
        row->property == Property::kPath ? "=, in, startswith or endswith" : "= or in"));
  }
  if (predicate.test == Test::kEquals && predicate.letter_case == Case::kIgnore) {
    return std::unexpected(fmt::format("'{}' is compared without regard to letters' case", field));
  }
  const bool is_path = row->property == Property::kPath || row->property == Property::kExe;
  if (is_path) TRY_VOID(check_size(predicate));
  if (row->property == Property::kPath && predicate.test == Test::kEndsWith) {
    return Property::kPathEnd;
  }
  return row->property;
}

// The only property that a part of the condition asks for; nothing when there are several.
Or<std::optional<Property>> only_property(const Expression& expression, Action action) {
  if (expression.kind == Kind::kLeaf) return property_of(expression, action);
  std::optional<Property> only;
  bool several = false;
  for (const Expression& child : expression.children) {
    TRY(const std::optional<Property> of_child, only_property(child, action));
    several = several || !of_child || (only && *only != *of_child);
    only = of_child;
  }
  return several ? std::nullopt : only;
}

Expression negated(const Expression& expression, bool negate) {
  if (!negate) return expression;
  std::vector<Expression> child = {expression};
  return Expression::make(Kind::kNot, std::move(child));
}

void add_ask(Asks& asks, Property property, const Expression& ask, Kind kind) {
  const auto [place, is_new] = asks.try_emplace(property, ask);
  if (is_new) return;
  std::vector<Expression> both = {std::move(place->second), ask};
  place->second = Expression::make(kind, std::move(both));
}

// A condition as alternatives, each of which asks something of every property on its own.
class Alternatives {
 public:
  explicit Alternatives(Action action) : action_(action) {}

  Or<std::vector<Asks>> of(const Expression& expression, bool negate) const {
    if (expression.kind == Kind::kTrue || expression.kind == Kind::kFalse) {
      const bool truth = (expression.kind == Kind::kTrue) != negate;
      return truth ? std::vector<Asks>(1) : std::vector<Asks>();
    }
    TRY(const std::optional<Property> only, only_property(expression, action_));
    if (only) {
      std::vector<Asks> one(1);
      one.front().emplace(*only, negated(expression, negate));
      return one;
    }
    if (expression.kind == Kind::kNot) return of(expression.children.front(), !negate);
    return (expression.kind == Kind::kAnd) != negate ? every(expression.children, negate)
                                                     : any(expression.children, negate);
  }

 private:
  Or<std::vector<Asks>> any(const std::vector<Expression>& children, bool negate) const {
    std::vector<Asks> all;
    Asks alone;  // of children that ask for one property only
    for (const Expression& child : children) {
      TRY(const std::optional<Property> only, only_property(child, action_));
      if (only) {
        add_ask(alone, *only, negated(child, negate), Kind::kOr);
        continue;
      }
      TRY(std::vector<Asks> some, of(child, negate));
      all.insert(all.end(), some.begin(), some.end());
    }
    for (auto& [property, ask] : alone) all.emplace_back().emplace(property, std::move(ask));
    return within_bound(std::move(all));
  }

  Or<std::vector<Asks>> every(const std::vector<Expression>& children, bool negate) const {
    std::vector<Asks> all(1);
    for (const Expression& child : children) {
      TRY(const std::vector<Asks> some, of(child, negate));
      std::vector<Asks> next;
      for (const Asks& left : all) {
        for (const Asks& right : some) {
          Asks both = left;
          for (const auto& [property, ask] : right) add_ask(both, property, ask, Kind::kAnd);
          next.push_back(std::move(both));
        }
      }
      TRY(all, within_bound(std::move(next)));
    }
    return all;
  }

  static Or<std::vector<Asks>> within_bound(std::vector<Asks> all) {
    if (all.size() <= kEntriesPerRuleMax) return all;
    return std::unexpected(fmt::format(
        "it has more than {} alternatives that ask for several things at once; make several rules "
        "of it",
        kEntriesPerRuleMax));
  }

  Action action_;
};

Or<Expression> specialise_for(const ActionRow& row, const Expression& condition) {
  std::optional<Expression> first;
  for (const Variant& variant : row.variants) {
    TRY(Expression one, Lowering(row.action, variant).specialise(condition));
    if (!first) {
      first = std::move(one);
    } else if (!same(*first, one)) {
      return std::unexpected(
          row.action == Action::kConnect
              ? std::string("it depends on the result of connect, which is not known before")
              : fmt::format("it tells {} from {}, which the kernel does not; name both",
                            row.variants.front().type, variant.type));
    }
  }
  return std::move(*first);
}

// Only what can be refused may match.
Or<PossibleValues> checked_types(const Expression& condition) {
  PossibleValues types = possible_values(condition, "evt.type");
  if (types.all_but) {
    return std::unexpected(
        "it names no evt.type; expected those of running (execve, execveat), opening (open, "
        "openat, openat2) or connecting (connect)");
  }
  for (const std::string& type : types.values) {
    bool known = std::ranges::find(kOtherWays, type) != std::end(kOtherWays);
    for (const ActionRow& row : kActions) {
      known = known || std::ranges::find(row.variants, type, &Variant::type) != row.variants.end();
    }
    if (!known) {
      return std::unexpected(
          fmt::format("it also looks at {}, which is not refused by any means "
                      "here; only execve, execveat, open, openat, openat2 and "
                      "connect are",
                      type));
    }
  }
  return types;
}

}  // namespace

std::expected<std::vector<EnforcementEntry>, std::string> lower_to_enforcement(
    const Expression& condition) {
  TRY(const PossibleValues types, checked_types(condition));
  std::vector<EnforcementEntry> entries;
  for (const ActionRow& row : kActions) {
    const bool asked = std::ranges::any_of(
        row.variants, [&](const Variant& variant) { return types.allows(variant.type); });
    if (!asked) continue;
    TRY(const Expression attempt, specialise_for(row, condition));
    TRY(std::vector<Asks> alternatives, Alternatives(row.action).of(attempt, false));
    for (Asks& asks : alternatives) {
      if (asks.empty()) {
        return std::unexpected(
            "it would refuse everything of its kind; ask for a path, an address "
            "or a container");
      }
      entries.push_back({row.action, std::move(asks)});
    }
  }
  if (entries.empty()) return std::unexpected("no attempt can match it");
  return entries;
}

bool holds(const Expression& expression, const std::function<bool(const Expression& leaf)>& leaf) {
  const auto each = [&](const Expression& child) { return holds(child, leaf); };
  switch (expression.kind) {
    case Kind::kTrue:
      return true;
    case Kind::kFalse:
      return false;
    case Kind::kLeaf:
      return leaf(expression);
    case Kind::kNot:
      return !each(expression.children.front());
    case Kind::kAnd:
      return std::ranges::all_of(expression.children, each);
    case Kind::kOr:
      return std::ranges::any_of(expression.children, each);
  }
  return false;
}

}  // namespace vedette::rules
