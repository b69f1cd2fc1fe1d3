// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "base/unicode.h"
#include "engine/detect_run.h"
#include "rules/load.h"
#include "rules/sigma/sigma.h"

namespace vedette::engine {
namespace {

bool same(std::string_view a, std::string_view b) { return fold_case(a) == fold_case(b); }

bool is_named(const event::RuleInfo& info, const std::string& name) {
  return same(info.id, name) || same(info.name, name) || same(info.title, name);
}

// "attack.t1059" covers "attack.t1059.001" as well.
bool has_tag(const event::RuleInfo& info, const std::string& wanted) {
  const std::string folded = fold_case(wanted);
  return std::any_of(info.tags.begin(), info.tags.end(), [&](const std::string& tag) {
    const std::string own = fold_case(tag);
    return own == folded || own.starts_with(folded + ".");
  });
}

bool is_selected(const event::RuleInfo& info, const RuleOptions& options) {
  const auto named = [&](const std::string& name) { return is_named(info, name); };
  const auto tagged = [&](const std::string& tag) { return has_tag(info, tag); };
  if (info.level < options.level_min) return false;
  if (!options.only.empty() && std::none_of(options.only.begin(), options.only.end(), named))
    return false;
  if (!options.tags.empty() && std::none_of(options.tags.begin(), options.tags.end(), tagged))
    return false;
  return std::none_of(options.exclude.begin(), options.exclude.end(), named) &&
         std::none_of(options.exclude.begin(), options.exclude.end(), tagged);
}

enum class Use : std::uint8_t { kDropped, kSilent, kKept };

// Removes what is not selected; what a selected correlation needs stays, silent.
class Selection {
 public:
  Selection(rules::RuleSet& set, const RuleOptions& options) : set_(set), options_(options) {}

  void apply() {
    rule_use_.resize(set_.rules.size(), Use::kDropped);
    correlation_use_.resize(set_.correlations.size(), Use::kDropped);
    for (std::size_t i = 0; i < set_.rules.size(); ++i) {
      if (is_selected(set_.rules[i].info, options_)) rule_use_[i] = Use::kKept;
    }
    // A correlation refers only to earlier ones, so one pass from the end finds all that is needed.
    for (std::size_t i = set_.correlations.size(); i-- > 0;) {
      if (is_selected(set_.correlations[i].info, options_)) correlation_use_[i] = Use::kKept;
      if (correlation_use_[i] != Use::kDropped) need(set_.correlations[i]);
    }
    drop();
  }

 private:
  void need(const rules::Correlation& correlation) {
    for (const rules::Correlation::Reference& reference : correlation.references) {
      Use& use = (reference.correlation ? correlation_use_ : rule_use_)[reference.index];
      if (use == Use::kDropped) use = Use::kSilent;
    }
  }

  template <typename T>
  static std::vector<std::size_t> drop_from(std::vector<T>& all, const std::vector<Use>& uses) {
    std::vector<std::size_t> places(all.size(), 0);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (uses[i] == Use::kDropped) continue;
      if (uses[i] == Use::kSilent) all[i].silent = true;
      places[i] = kept;
      if (kept != i) all[kept] = std::move(all[i]);
      ++kept;
    }
    all.resize(kept);
    return places;
  }

  void drop() {
    const std::vector<std::size_t> rule_places = drop_from(set_.rules, rule_use_);
    const std::vector<std::size_t> correlation_places =
        drop_from(set_.correlations, correlation_use_);
    for (rules::Correlation& correlation : set_.correlations) {
      for (rules::Correlation::Reference& reference : correlation.references) {
        reference.index =
            (reference.correlation ? correlation_places : rule_places)[reference.index];
      }
    }
  }

  rules::RuleSet& set_;
  const RuleOptions& options_;
  std::vector<Use> rule_use_;
  std::vector<Use> correlation_use_;
};

// A name that names nothing is a mistake that would look like "no alerts".
Result<void> check_names(const rules::RuleSet& set, const std::vector<std::string>& only) {
  for (const std::string& name : only) {
    const auto is_called = [&name](const auto& rule) { return is_named(rule.info, name); };
    const auto was_refused = [&name](const rules::Refusal& refusal) {
      return same(refusal.rule, name);
    };
    if (std::any_of(set.rules.begin(), set.rules.end(), is_called) ||
        std::any_of(set.correlations.begin(), set.correlations.end(), is_called)) {
      continue;
    }
    const auto refused = std::find_if(set.refused.begin(), set.refused.end(), was_refused);
    if (refused != set.refused.end()) continue;  // it is reported there
    return failure(ErrorCode::kNotFound,
                   "expected the id, name or title of a rule, found none called '" + name +
                       "'; vedette rules list shows all");
  }
  return {};
}

}  // namespace

Result<rules::RuleSet> load_rules(const RuleOptions& options, const Limits& limits) {
  rules::LoadOptions load;
  load.paths = options.rules;
  load.pipelines = options.pipelines;
  load.limits = limits;
  if (!options.variables.empty()) {
    TRY(load.variables, rules::sigma::load_variables(options.variables, limits));
  }
  TRY(rules::RuleSet set, rules::load(load));
  if (options.matching == RuleMatching::kAll) {
    for (rules::Rule& rule : set.rules) rule.first_match = false;
  }
  TRY_VOID(check_names(set, options.only));
  if (!options.rules.empty() && set.rules.empty() && set.correlations.empty() &&
      set.refused.empty() && set.disabled.empty()) {
    return failure(ErrorCode::kNotFound, "expected Sigma or Falco rules (*.yml, *.yaml) in " +
                                             options.rules.front() + ", found none");
  }
  const std::size_t loaded = set.rules.size() + set.correlations.size();
  Selection(set, options).apply();
  if (loaded != 0 && set.rules.empty() && set.correlations.empty()) {
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected --min-level, --rule, --tag and --exclude to leave a rule, "
                               "found that they leave none of {}; vedette rules list shows all",
                               loaded));
  }
  return set;
}

}  // namespace vedette::engine
