// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "rules/falco/ast.h"

// Lists, macros and rules as all files together define them, before any of them is put into
// another.
namespace vedette::rules::falco {

// A text of a file, and where it stands.
struct Written {
  std::string text;
  Place place;
};

// When something was defined or changed, counted over all files. A macro sees the macros whose
// first definition came before its own last change; so does a list of lists.
using Order = std::uint32_t;

struct ListItem {
  std::string name;
  Place place;
  std::vector<std::string> items;
  Order first = 0;
  Order last = 0;
};

struct MacroItem {
  std::string name;
  Written condition;
  Order first = 0;
  Order last = 0;
};

// One name, or a list of them (with lists in it, in values).
struct Entry {
  bool given = false;
  bool is_list = false;
  std::string text;
  std::vector<Entry> entries;
};

struct ExceptionItem {
  std::string name;
  Place place;
  Entry fields;
  Entry comparisons;
  std::vector<Entry> values;
};

struct RuleItem {
  std::string name;
  Place place;
  Written condition;
  Written output;
  std::string description;
  std::size_t priority = 0;  // index into kPriorities
  std::string source;
  std::set<std::string> tags;
  std::vector<ExceptionItem> exceptions;
  bool enabled = true;
  bool warn_event_types = true;
  bool skip_if_unknown = false;
  bool block = false;  // `action: block`, a key of our own
};

// What an append or an override changes of a rule.
struct RuleChange {
  std::string name;
  Place place;
  std::string source;  // "" when not given
  std::optional<Written> condition;
  std::optional<Written> output;
  std::optional<std::string> description;
  std::optional<std::set<std::string>> tags;
  std::optional<std::vector<ExceptionItem>> exceptions;
  std::optional<std::size_t> priority;
  std::optional<bool> enabled;
  std::optional<bool> warn_event_types;
  std::optional<bool> skip_if_unknown;
  std::optional<bool> block;
};

// Things by name, in the order of their first definitions.
template <typename T>
class Named {
 public:
  T* find(std::string_view name) {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &all_[found->second];
  }
  const T* find(std::string_view name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &all_[found->second];
  }
  // Takes the place of an earlier one of the same name.
  T& put(T one) {
    const auto [found, added] = places_.try_emplace(one.name, all_.size());
    if (added) {
      all_.push_back(std::move(one));
    } else {
      all_[found->second] = std::move(one);
    }
    return all_[found->second];
  }
  const std::vector<T>& all() const { return all_; }

 private:
  std::vector<T> all_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

// Everything defined so far. What is refused leaves everything as it was.
class Items {
 public:
  const Named<ListItem>& lists() const { return lists_; }
  const Named<MacroItem>& macros() const { return macros_; }
  const Named<RuleItem>& rules() const { return rules_; }

  void define(ListItem list);
  Parsed<void> append(ListItem list);
  void define(MacroItem macro);
  Parsed<void> append(MacroItem macro);
  Parsed<void> define(RuleItem rule);
  Parsed<void> append(RuleChange change);
  Parsed<void> replace(RuleChange change);
  Parsed<void> enable(const std::string& name, bool enabled);

 private:
  Parsed<RuleItem*> changed_rule(const RuleChange& change);
  static Parsed<void> append_exceptions(RuleItem& rule, std::vector<ExceptionItem>&& added);

  Named<ListItem> lists_;
  Named<MacroItem> macros_;
  Named<RuleItem> rules_;
  Order now_ = 0;
};

}  // namespace vedette::rules::falco
