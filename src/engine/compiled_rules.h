// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "detect/correlator.h"
#include "engine/detect_run.h"
#include "engine/live/enforcement.h"
#include "event/sink.h"
#include "rules/logsource.h"
#include "rules/program.h"

namespace vedette::engine {

// What is loaded and compiled before the first byte of input is read. Immutable but for the
// correlator's state.
struct CompiledRules {
  rules::RuleSet rules;
  rules::LogSources log_sources;
  std::unique_ptr<detect::Correlator> correlator;  // null without correlations
  std::unique_ptr<const rules::Program> program;
  std::shared_ptr<const Enforcement> enforcement;  // null when no rule blocks
};

Result<std::shared_ptr<const CompiledRules>> compile_rules(
    const RuleOptions& options, const detect::CorrelatorOptions& correlations,
    const std::vector<event::Sink*>& sinks, const Limits& limits);

}  // namespace vedette::engine
