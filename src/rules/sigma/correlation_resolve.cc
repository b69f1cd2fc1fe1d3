// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

#include "rules/sigma/correlation.h"

namespace vedette::rules::sigma {
namespace {

// A rule or a correlation (by its position among the parsed ones).
struct Target {
  bool correlation = false;
  std::size_t index = 0;

  auto operator<=>(const Target&) const = default;
};

enum class State : std::uint8_t { kWaiting, kPlaced, kRefused };

// UUIDs may be written in either case.
std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

class Resolver {
 public:
  Resolver(std::vector<ParsedCorrelation>& parsed, RuleSet& rules)
      : parsed_(parsed),
        rules_(rules),
        states_(parsed.size()),
        places_(parsed.size()),
        targets_(parsed.size()),
        waits_for_(parsed.size()),
        waited_for_by_(parsed.size()) {}

  void run();

 private:
  void enter(const event::RuleInfo& info, Target target);
  std::optional<Target> find(const std::string& name) const;
  void look_up(std::size_t index);
  void refuse_correlation(std::size_t index, Position position, std::string reason);
  void warn(std::size_t index, Position position, std::string message, std::string hint);
  // Gives a correlation whose references are all placed its place.
  void place(std::size_t index);
  bool resolve_aliases(std::size_t index, const std::vector<Target>& kept);
  bool resolve_leaves(std::size_t index, const std::vector<Target>& kept, Expression& expression,
                      std::set<std::size_t>& used);
  std::string circle_from(std::size_t index) const;
  void silence();

  std::vector<ParsedCorrelation>& parsed_;
  RuleSet& rules_;
  std::map<std::string, Target> ids_;  // folded
  std::map<std::string, Target> names_;
  std::vector<State> states_;
  std::vector<std::size_t> places_;           // in RuleSet::correlations
  std::vector<std::vector<Target>> targets_;  // by correlation, as its `rules` lists them
  std::vector<std::size_t> waits_for_;        // how many references are not yet placed
  std::vector<std::vector<std::size_t>> waited_for_by_;
};

void Resolver::enter(const event::RuleInfo& info, Target target) {
  // Where two rules share a name the first one loaded has it.
  if (!info.id.empty()) ids_.emplace(folded(info.id), target);
  if (!info.name.empty()) names_.emplace(info.name, target);
}

std::optional<Target> Resolver::find(const std::string& name) const {
  if (const auto id = ids_.find(folded(name)); id != ids_.end()) return id->second;
  if (const auto named = names_.find(name); named != names_.end()) return named->second;
  return std::nullopt;
}

void Resolver::refuse_correlation(std::size_t index, Position position, std::string reason) {
  const ParsedCorrelation& parsed = parsed_[index];
  states_[index] = State::kRefused;
  rules_.refused.push_back({parsed.correlation.info.file, position.line, position.column,
                            parsed.label, std::move(reason)});
}

void Resolver::warn(std::size_t index, Position position, std::string message, std::string hint) {
  rules_.warnings.push_back(
      {DiagnosticKind::kWarning,
       {parsed_[index].correlation.info.file, position.line, position.column, 0},
       std::move(message),
       std::move(hint)});
}

void Resolver::look_up(std::size_t index) {
  const ParsedCorrelation& parsed = parsed_[index];
  for (const ParsedCorrelation::Named& reference : parsed.references) {
    const std::optional<Target> target = find(reference.name);
    if (!target) {
      const auto refused = std::ranges::find(rules_.refused, reference.name, &Refusal::rule);
      refuse_correlation(
          index, reference.position,
          refused == rules_.refused.end()
              ? fmt::format(
                    "the correlation refers to '{}', but no rule that loaded has that id or name",
                    reference.name)
              : fmt::format("the correlation refers to '{}', which was refused", reference.name));
      targets_[index].clear();
      return;
    }
    targets_[index].push_back(*target);
  }
}

void Resolver::place(std::size_t index) {
  ParsedCorrelation& parsed = parsed_[index];
  Correlation& correlation = parsed.correlation;
  for (const Target& target : targets_[index]) {
    if (target.correlation && states_[target.index] == State::kRefused) {
      refuse_correlation(index, parsed.position,
                         fmt::format("the correlation refers to '{}', which was refused",
                                     parsed_[target.index].label));
      return;
    }
  }
  std::vector<Target> kept;
  for (std::size_t r = 0; r < targets_[index].size(); ++r) {
    const Target& target = targets_[index][r];
    const ParsedCorrelation::Named& reference = parsed.references[r];
    if (correlation.type != CorrelationType::kTemporalOrdered &&
        std::ranges::find(kept, target) != kept.end()) {
      warn(index, reference.position,
           fmt::format("`rules` lists '{}' twice; once counts", reference.name),
           "remove the repetition");
      continue;
    }
    kept.push_back(target);
    correlation.references.push_back({target.correlation,
                                      target.correlation ? places_[target.index] : target.index,
                                      reference.name});
  }
  if (!resolve_aliases(index, kept)) return;
  if (correlation.condition) {
    std::set<std::size_t> used;
    if (!resolve_leaves(index, kept, *correlation.condition, used)) return;
    for (std::size_t r = 0; r < kept.size(); ++r) {
      if (used.contains(r)) continue;
      warn(index, parsed.condition_position,
           fmt::format("`rules` lists '{}', but the condition does not name it",
                       correlation.references[r].name),
           "name it in the condition or remove it from the list");
    }
  }
  states_[index] = State::kPlaced;
  places_[index] = rules_.correlations.size();
  rules_.correlations.push_back(std::move(correlation));
}

bool Resolver::resolve_aliases(std::size_t index, const std::vector<Target>& kept) {
  const ParsedCorrelation& parsed = parsed_[index];
  Correlation& correlation = parsed_[index].correlation;
  for (const ParsedCorrelation::Alias& alias : parsed.aliases) {
    const std::optional<Target> target = find(alias.rule.name);
    if (!target) {
      refuse_correlation(
          index, alias.rule.position,
          fmt::format("the alias '{}' refers to '{}', but no rule that loaded has that id or "
                      "name",
                      alias.name, alias.rule.name));
      return false;
    }
    std::map<std::size_t, std::string>& fields = correlation.aliases[alias.name];
    bool found = false;
    for (std::size_t r = 0; r < kept.size(); ++r) {
      if (kept[r] != *target) continue;
      fields[r] = alias.field;
      found = true;
    }
    if (!found) {
      warn(index, alias.rule.position,
           fmt::format("the alias '{}' refers to '{}', which `rules` does not list", alias.name,
                       alias.rule.name),
           "add the rule to the list or remove the line");
    }
  }
  for (const auto& [name, fields] : correlation.aliases) {
    if (fields.size() == kept.size()) continue;
    warn(index, parsed.position,
         fmt::format("the alias '{}' gives no field for some of the rules; a field of that very "
                     "name is looked for in their events",
                     name),
         "add a line for each rule");
  }
  return true;
}

bool Resolver::resolve_leaves(std::size_t index, const std::vector<Target>& kept,
                              Expression& expression, std::set<std::size_t>& used) {
  for (Expression& child : expression.children) {
    if (!resolve_leaves(index, kept, child, used)) return false;
  }
  if (expression.kind != Expression::Kind::kLeaf) return true;
  const std::optional<Target> target = find(expression.field);
  const auto found = target ? std::ranges::find(kept, *target) : kept.end();
  if (found == kept.end()) {
    refuse_correlation(
        index, parsed_[index].condition_position,
        fmt::format("the condition names '{}', which `rules` does not list", expression.field));
    return false;
  }
  expression.selection = expression.field;
  const auto reference = static_cast<std::size_t>(found - kept.begin());
  // A rule that is listed several times is present in all its places at once.
  for (std::size_t r = 0; r < kept.size(); ++r) {
    if (kept[r] == *target) used.insert(r);
  }
  expression.field = std::to_string(reference);
  return true;
}

// Follows unplaced references until one comes again. Every correlation that is left waits for
// another one that is left, so there is always a next.
std::string Resolver::circle_from(std::size_t index) const {
  std::vector<std::size_t> path;
  while (std::ranges::find(path, index) == path.end()) {
    path.push_back(index);
    for (const Target& target : targets_[index]) {
      if (target.correlation && states_[target.index] == State::kWaiting) {
        index = target.index;
        break;
      }
    }
  }
  std::string circle;
  for (auto at = std::ranges::find(path, index); at != path.end(); ++at) {
    circle += fmt::format("'{}' -> ", parsed_[*at].label);
  }
  return circle + fmt::format("'{}'", parsed_[index].label);
}

void Resolver::silence() {
  std::set<Target> referred;
  std::set<Target> generated;
  for (std::size_t i = 0; i < parsed_.size(); ++i) {
    if (states_[i] != State::kPlaced) continue;
    for (const Target& target : targets_[i]) {
      referred.insert(target);
      if (parsed_[i].generate) generated.insert(target);
    }
  }
  for (const Target& target : referred) {
    if (generated.contains(target)) continue;
    (target.correlation ? rules_.correlations[places_[target.index]].silent
                        : rules_.rules[target.index].silent) = true;
  }
}

void Resolver::run() {
  for (std::size_t i = 0; i < rules_.rules.size(); ++i) enter(rules_.rules[i].info, {false, i});
  for (std::size_t i = 0; i < parsed_.size(); ++i) {
    enter(parsed_[i].correlation.info, {true, i});
    for (Diagnostic& warning : parsed_[i].warnings) rules_.warnings.push_back(std::move(warning));
  }
  for (std::size_t i = 0; i < parsed_.size(); ++i) look_up(i);
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < parsed_.size(); ++i) {
    for (const Target& target : targets_[i]) {
      if (!target.correlation) continue;
      ++waits_for_[i];
      waited_for_by_[target.index].push_back(i);
    }
    if (waits_for_[i] == 0 || states_[i] == State::kRefused) ready.insert(i);
  }
  while (!ready.empty()) {
    const std::size_t index = *ready.begin();
    ready.erase(ready.begin());
    if (states_[index] == State::kWaiting) place(index);
    for (const std::size_t outer : waited_for_by_[index]) {
      if (--waits_for_[outer] == 0) ready.insert(outer);
    }
  }
  std::vector<std::pair<std::size_t, std::string>> circles;
  for (std::size_t i = 0; i < parsed_.size(); ++i) {
    if (states_[i] == State::kWaiting) circles.emplace_back(i, circle_from(i));
  }
  for (auto& [index, circle] : circles) {
    refuse_correlation(index, parsed_[index].position,
                       fmt::format("correlations refer to each other in a circle: {}", circle));
  }
  silence();
}

}  // namespace

void resolve_correlations(std::vector<ParsedCorrelation> parsed, RuleSet& rules) {
  Resolver(parsed, rules).run();
}

}  // namespace vedette::rules::sigma
