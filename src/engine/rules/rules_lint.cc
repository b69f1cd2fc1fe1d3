// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/unicode.h"
#include "engine/rules/rules_run.h"
#include "output/attack.h"

namespace vedette::engine {
namespace {

using rules::Expression;
using Texts = std::set<std::string>;

// A rule's document begins in the first column.
Place place_of(const event::RuleInfo& info, std::uint32_t line) {
  return {info.file, line == 0 ? info.line : line, 1, 0};
}

bool is_equality(const rules::Predicate& predicate) {
  return predicate.test == rules::Test::kEquals || predicate.test == rules::Test::kNumberEquals;
}

// The texts of which `field` must be one wherever `when` holds; nothing when it may be anything.
std::optional<Texts> pinned(const Expression& when, std::string_view field) {
  if (when.kind == Expression::Kind::kLeaf) {
    if (when.field != field || !is_equality(when.predicate)) return std::nullopt;
    return Texts{fold_case(when.predicate.text)};
  }
  const bool is_and = when.kind == Expression::Kind::kAnd;
  if (!is_and && when.kind != Expression::Kind::kOr) return std::nullopt;
  std::optional<Texts> all;
  for (const Expression& part : when.children) {
    std::optional<Texts> texts = pinned(part, field);
    if (is_and && texts) return texts;
    if (is_and) continue;
    if (!texts) return std::nullopt;
    if (!all) all.emplace();
    all->merge(*texts);
  }
  return all;
}

// The same for all events that a rule may see.
std::optional<Texts> pinned(const rules::LogSource& source, const rules::LogSources& log_sources,
                            std::string_view field) {
  std::optional<Texts> all;
  for (const rules::LogSourceEntry& entry : log_sources.entries) {
    if (!rules::covers(source, entry.source)) continue;
    // A rule's name that is mapped is another field of the event.
    const bool mapped = entry.fields.contains(std::string(field));
    std::optional<Texts> texts = mapped ? std::nullopt : pinned(entry.when, field);
    if (!texts) return std::nullopt;
    if (!all) all.emplace();
    all->merge(*texts);
  }
  return all;
}

// Literals that the log source rules out: EventID 11 in a rule for process_creation.
void check_pinned(const rules::Rule& rule, const Expression& part, std::string_view field,
                  const Texts& possible, std::vector<Diagnostic>& warnings) {
  for (const Expression& child : part.children) {
    check_pinned(rule, child, field, possible, warnings);
  }
  if (part.kind != Expression::Kind::kLeaf || part.field != field || !is_equality(part.predicate) ||
      possible.contains(fold_case(part.predicate.text))) {
    return;
  }
  warnings.push_back(
      {DiagnosticKind::kWarning, place_of(rule.info, part.line),
       fmt::format("{} is never '{}' in this log source, so '{}' cannot match there", field,
                   part.predicate.text, part.selection),
       fmt::format("it is one of {}; correct one of the two", fmt::join(possible, ", "))});
}

void check_literals(const rules::Rule& rule, const rules::LogSources& log_sources,
                    std::vector<Diagnostic>& warnings) {
  constexpr std::array<std::string_view, 2> kFields = {"EventID", "Channel"};
  for (const std::string_view field : kFields) {
    const std::optional<Texts> possible = pinned(rule.logsource, log_sources, field);
    if (possible) check_pinned(rule, rule.condition, field, *possible, warnings);
  }
}

void check_log_source(const rules::Rule& rule, const rules::LogSources& log_sources,
                      std::vector<Diagnostic>& warnings) {
  const bool covered =
      std::any_of(log_sources.entries.begin(), log_sources.entries.end(),
                  [&](const auto& entry) { return rules::covers(rule.logsource, entry.source); });
  if (covered) return;
  warnings.push_back(
      {DiagnosticKind::kWarning, place_of(rule.info, 0),
       fmt::format("no known log source is product '{}', category '{}', service "
                   "'{}': no event reaches this rule",
                   rule.logsource.product, rule.logsource.category, rule.logsource.service),
       "describe it in content/logsources, or run with --no-logsource"});
}

// What a tag like attack.execution names; empty for numbers (T1059, G0007 …) and other tags.
std::string_view tactic_name(std::string_view tag) {
  for (const std::string_view space : {"attack.", "atlas.", "mitre_"}) {
    if (!tag.starts_with(space)) continue;
    const std::string_view name = tag.substr(space.size());
    const bool is_word =
        std::none_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_word ? name : std::string_view();
  }
  return {};
}

void check_tags(const event::RuleInfo& info, const output::Techniques& techniques,
                std::vector<Diagnostic>& warnings) {
  for (const std::string& id : output::parse_attack_tags(info.tags).techniques) {
    if (techniques.find(id) != nullptr) continue;
    warnings.push_back({DiagnosticKind::kWarning, place_of(info, 0),
                        fmt::format("unknown technique {} in the tags", id),
                        "correct it, or add it to content/attack/techniques.tsv"});
  }
  for (const std::string& tag : info.tags) {
    const std::string_view name = tactic_name(tag);
    if (name.empty() || output::find_tactic(name) != nullptr) continue;
    warnings.push_back({DiagnosticKind::kWarning, place_of(info, 0),
                        fmt::format("unknown tactic '{}' in the tags", name),
                        "correct it; tactics are written as in attack.initial-access"});
  }
}

}  // namespace

Result<rules::RuleSet> lint_rules(const RuleOptions& options, const Limits& limits) {
  TRY(rules::RuleSet set, load_rules(options, limits));
  if (options.use_log_sources) {
    TRY(const rules::LogSources log_sources,
        rules::load_log_sources(options.content + "/logsources", set.warnings));
    for (const rules::Rule& rule : set.rules) {
      check_log_source(rule, log_sources, set.warnings);
      check_literals(rule, log_sources, set.warnings);
    }
  }
  const auto techniques = output::Techniques::load(options.content + "/attack/techniques.tsv");
  if (techniques) {
    for (const rules::Rule& rule : set.rules) check_tags(rule.info, *techniques, set.warnings);
    for (const rules::Correlation& correlation : set.correlations) {
      check_tags(correlation.info, *techniques, set.warnings);
    }
  }
  return set;
}

}  // namespace vedette::engine
