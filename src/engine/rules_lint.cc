// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/rules_run.h"
#include "output/attack.h"

namespace vedette::engine {
namespace {

void check_log_source(const rules::Rule& rule, const rules::LogSources& log_sources,
                      std::vector<Diagnostic>& warnings) {
  const bool covered =
      std::any_of(log_sources.entries.begin(), log_sources.entries.end(),
                  [&](const auto& entry) { return rules::covers(rule.logsource, entry.source); });
  if (covered) return;
  warnings.push_back(
      {DiagnosticKind::kWarning,
       {rule.info.file, rule.info.line, 0, 0},
       fmt::format("no known log source is product '{}', category '{}', service "
                   "'{}': no event reaches this rule",
                   rule.logsource.product, rule.logsource.category, rule.logsource.service),
       "describe it in content/logsources, or run with --no-logsource"});
}

void check_tags(const event::RuleInfo& info, const output::Techniques& techniques,
                std::vector<Diagnostic>& warnings) {
  for (const std::string& id : output::parse_attack_tags(info.tags).techniques) {
    if (techniques.find(id) != nullptr) continue;
    warnings.push_back({DiagnosticKind::kWarning,
                        {info.file, info.line, 0, 0},
                        fmt::format("unknown technique {} in the tags", id),
                        "correct it, or add it to content/attack/techniques.tsv"});
  }
}

}  // namespace

Result<rules::RuleSet> lint_rules(const RuleOptions& options, const Limits& limits) {
  TRY(rules::RuleSet set, load_rules(options, limits));
  if (options.use_log_sources) {
    TRY(const rules::LogSources log_sources,
        rules::load_log_sources(options.content + "/logsources", set.warnings));
    for (const rules::Rule& rule : set.rules) check_log_source(rule, log_sources, set.warnings);
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
