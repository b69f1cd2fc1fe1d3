// SPDX-License-Identifier: Apache-2.0
#include "engine/compiled_rules.h"

#include <algorithm>

namespace vedette::engine {

Result<std::shared_ptr<const CompiledRules>> compile_rules(
    const RuleOptions& options, const detect::CorrelatorOptions& correlations,
    const std::vector<event::Sink*>& sinks, const Limits& limits) {
  auto compiled = std::make_shared<CompiledRules>();
  TRY(compiled->rules, load_rules(options, limits));
  TRY(compiled->enforcement, compile_enforcement(compiled->rules));
  match_blocked_events(compiled->rules);
  std::vector<Diagnostic> warnings;
  if (!options.rules.empty()) {
    TRY(compiled->log_sources, rules::load_log_sources(options.content + "/logsources", warnings));
  }
  rules::CompileOptions compile;
  compile.use_log_sources = options.use_log_sources;
  compile.output_fields = std::ranges::any_of(sinks, &event::Sink::wants_output_fields);
  if (!compiled->rules.correlations.empty()) {
    compiled->correlator = std::make_unique<detect::Correlator>(compiled->rules, correlations);
    for (std::size_t rule = 0; rule < compiled->rules.rules.size(); ++rule) {
      const auto fields = compiled->correlator->fields_of(rule);
      compile.extra_fields.emplace_back(fields.begin(), fields.end());
    }
  }
  compiled->program = rules::Program::compile(compiled->rules, compiled->log_sources, compile);
  return compiled;
}

}  // namespace vedette::engine
