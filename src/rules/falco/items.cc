// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/items.h"

#include <algorithm>
#include <fmt/format.h>

#include "rules/falco/exceptions.h"

namespace vedette::rules::falco {
namespace {

void append_text(std::string& text, std::string_view more) {
  if (more.empty()) return;
  text += ' ';
  text += more;
}

template <typename T>
void replace_if(T& member, std::optional<T>& value) {
  if (value) member = std::move(*value);
}

template <typename T>
void keep_order(const Named<T>& all, T& one, Order now) {
  const T* previous = all.find(one.name);
  one.first = previous == nullptr ? now : previous->first;
  one.last = now;
}

}  // namespace

void Items::define(ListItem list) {
  keep_order(lists_, list, now_++);
  lists_.put(std::move(list));
}

Parsed<void> Items::append(ListItem list) {
  ListItem* previous = lists_.find(list.name);
  if (previous == nullptr) {
    return refuse(fmt::format("there is no list '{}' yet to append to", list.name), list.name);
  }
  std::ranges::move(list.items, std::back_inserter(previous->items));
  previous->last = now_++;
  return {};
}

void Items::define(MacroItem macro) {
  keep_order(macros_, macro, now_++);
  macros_.put(std::move(macro));
}

Parsed<void> Items::append(MacroItem macro) {
  MacroItem* previous = macros_.find(macro.name);
  if (previous == nullptr) {
    return refuse(fmt::format("there is no macro '{}' yet to append to", macro.name), macro.name);
  }
  append_text(previous->condition.text, macro.condition.text);
  previous->last = now_++;
  return {};
}

Parsed<void> Items::define(RuleItem rule) {
  const RuleItem* previous = rules_.find(rule.name);
  if (previous != nullptr && previous->source != rule.source) {
    return refuse(fmt::format("the rule '{}' was defined for the source '{}' before", rule.name,
                              previous->source),
                  rule.name);
  }
  for (ExceptionItem& exception : rule.exceptions) {
    TRY_VOID(complete_exception(exception, rule.source));
  }
  rules_.put(std::move(rule));
  return {};
}

Parsed<RuleItem*> Items::changed_rule(const RuleChange& change) {
  RuleItem* rule = rules_.find(change.name);
  if (rule == nullptr) {
    return refuse(fmt::format("there is no rule '{}' yet to change", change.name), change.name);
  }
  if (!change.source.empty() && change.source != rule->source) {
    return refuse(fmt::format("the rule '{}' was defined for the source '{}' before", change.name,
                              rule->source),
                  change.name);
  }
  return rule;
}

Parsed<void> Items::append(RuleChange change) {
  TRY(RuleItem * rule, changed_rule(change));
  RuleItem changed = *rule;
  if (change.exceptions) {
    TRY_VOID(append_exceptions(changed, std::move(*change.exceptions)));
  }
  if (change.condition) append_text(changed.condition.text, change.condition->text);
  if (change.output) append_text(changed.output.text, change.output->text);
  if (change.description) append_text(changed.description, *change.description);
  if (change.tags) changed.tags.merge(*change.tags);
  *rule = std::move(changed);
  return {};
}

// To an exception that is there already only values may be added.
Parsed<void> Items::append_exceptions(RuleItem& rule, std::vector<ExceptionItem>&& added) {
  for (ExceptionItem& exception : added) {
    const auto known = std::ranges::find(rule.exceptions, exception.name, &ExceptionItem::name);
    if (known == rule.exceptions.end()) {
      if (exception.values.empty()) {
        return refuse(fmt::format("the new exception '{}' has no values", exception.name),
                      exception.name);
      }
      TRY_VOID(complete_exception(exception, rule.source));
      rule.exceptions.push_back(std::move(exception));
      continue;
    }
    if (exception.fields.given || exception.comparisons.given) {
      return refuse(fmt::format("the exception '{}' exists: only values can be appended to it, not "
                                "fields or comps",
                                exception.name),
                    exception.name);
    }
    std::ranges::move(exception.values, std::back_inserter(known->values));
  }
  return {};
}

Parsed<void> Items::replace(RuleChange change) {
  TRY(RuleItem * rule, changed_rule(change));
  if (change.exceptions) {
    for (ExceptionItem& exception : *change.exceptions) {
      TRY_VOID(complete_exception(exception, rule->source));
    }
  }
  replace_if(rule->condition, change.condition);
  replace_if(rule->output, change.output);
  replace_if(rule->description, change.description);
  replace_if(rule->tags, change.tags);
  replace_if(rule->exceptions, change.exceptions);
  replace_if(rule->priority, change.priority);
  replace_if(rule->enabled, change.enabled);
  replace_if(rule->warn_event_types, change.warn_event_types);
  replace_if(rule->skip_if_unknown, change.skip_if_unknown);
  replace_if(rule->block, change.block);
  return {};
}

Parsed<void> Items::enable(const std::string& name, bool enabled) {
  RuleItem* rule = rules_.find(name);
  if (rule == nullptr) {
    return refuse(fmt::format("there is no rule '{}' yet to enable or disable", name), name);
  }
  rule->enabled = enabled;
  return {};
}

}  // namespace vedette::rules::falco
