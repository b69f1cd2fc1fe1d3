// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "detect/event_fields.h"
#include "engine/detect_run.h"
#include "rules/logsource.h"
#include "rules/model.h"

// The work behind `vedette rules`, apart from printing.
namespace vedette::engine {

// load_rules() with more warnings: rules whose log source no entry of content/logsources covers (no
// event would reach them), event ids and channels that the log source rules out, and tags of
// techniques and tactics that content/attack does not know.
Result<rules::RuleSet> lint_rules(const RuleOptions& options, const Limits& limits);

// A rule by id, name or title (any case), among base rules and correlations.
struct FoundRule {
  const event::RuleInfo* info = nullptr;
  const rules::Rule* rule = nullptr;  // one of the two is set
  const rules::Correlation* correlation = nullptr;
};
// ErrorCode::kNotFound with the nearest titles; kInvalid when several rules have the name.
Result<FoundRule> find_rule(const rules::RuleSet& set, const std::string& name);

// The text of the document of `info.file` in which the rule stands (from its line back to the `---`
// before it, and on to the next); of a rule that is an element of a list, that element.
Result<std::string> rule_text(const event::RuleInfo& info, const Limits& limits);

// The outcome of test_rules(). Every expectation counts once.
struct RuleTestReport {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;
  std::vector<Diagnostic> failures;  // one for each of `failed`
  std::vector<Diagnostic> notes;     // what was skipped and why; rules without a case
};

// Runs the case files (NAME.case.yml beside NAME.yml, docs/rules-commands.md) below every path of
// options.rules and, where such a path holds a folder regression_data in SigmaHQ's layout, that
// one's samples, each as EVTX and as JSON. All of them go through detect() itself with all rules
// loaded; events of case files are written to a temporary folder for that, which is removed again.
Result<RuleTestReport> test_rules(const RuleOptions& options, const Limits& limits,
                                  const std::atomic<bool>& stop);

// A condition with the truth of each of its parts for one event.
struct ExplainedNode {
  bool holds = false;
  std::string text;               // "and", "or", "not", "all", or what a leaf asks
  std::string selection;          // the named part of the rule a leaf comes from
  std::vector<std::string> seen;  // a leaf's field in the event, with its values
  std::vector<ExplainedNode> children;
};

// What a rule makes of one event under one log source that covers it.
struct ExplainedView {
  std::string log_source;  // "windows/process_creation/", "" without log sources
  bool belongs = false;    // the event is of that log source
  ExplainedNode source;    // why it is, or is not
  ExplainedNode condition;
};

struct Explanation {
  bool matches = false;
  std::vector<ExplainedView> views;  // empty: no known log source covers the rule
};

Explanation explain(const rules::Rule& rule, const rules::LogSources& log_sources,
                    const detect::EventFields& event, bool use_log_sources);

}  // namespace vedette::engine
